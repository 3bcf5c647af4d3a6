using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Positions;

/// <summary>Ends what people hold. The callers save.</summary>
public sealed class Vacancies(DirectoryDbContext db, IOutbox outbox, TimeProvider time)
{
    /// <summary>The unit is closed: its positions are, too.</summary>
    public async Task CloseOfUnitAsync(Guid unit, DateOnly day, string by, CancellationToken cancel)
    {
        foreach (var position in await db.Positions.Include(row => row.Appointments).Where(row => row.UnitId == unit && row.ClosedOn == null).ToListAsync(cancel))
            Close(position, day, by, VacancyCause.UnitClosed);
    }

    public void Close(Position position, DateOnly day, string by, VacancyCause cause)
    {
        foreach (var held in position.Appointments)
            End(position, held, day, by, cause);
        position.ClosedOn = day;
        position.Version++;
        outbox.Add(new PositionClosed(position.Id, position.UnitId, position.Role, day, time.GetUtcNow()));
    }

    /// <summary>The person has left: nothing is held from that day on.</summary>
    public async Task LeaveAsync(string userName, DateOnly day, string by, CancellationToken cancel)
    {
        foreach (var position in await db.Positions.Include(row => row.Appointments)
            .Where(row => row.Appointments.Any(held => held.UserName == userName && (held.UntilDay == null || held.UntilDay > day))).ToListAsync(cancel))
        {
            foreach (var held in position.Appointments.Where(held => held.UserName == userName))
                End(position, held, day, by, VacancyCause.PersonLeft);
            position.Version++;
        }
    }

    /// <summary>Ends one from a day on; one that begins later never comes to be.</summary>
    public bool End(Position position, Appointment held, DateOnly day, string by, VacancyCause cause)
    {
        if (held.UntilDay <= day || held.UntilDay <= held.FromDay)
            return false;
        var now = time.GetUtcNow();
        held.UntilDay = day > held.FromDay ? day : held.FromDay;
        (held.EndedBy, held.EndedAt, held.EndCause) = (by, now, cause);
        outbox.Add(new PositionVacated(position.Id, position.UnitId, position.Role, held.UserName, held.UntilDay.Value, WireEnum.Name(cause), now));
        return true;
    }
}
