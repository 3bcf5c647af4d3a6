using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.Deadlines;

/// <summary>A published working calendar: admin owns it, this is the copy of its newest version.</summary>
public sealed class KnownCalendar
{
    /// <summary>The unit that works by it; empty: everybody without one of their own.</summary>
    public required string UnitCode { get; init; }

    public Guid CalendarId { get; set; }

    public int Version { get; set; }

    /// <summary>A <see cref="WorkingCalendar"/> as JSON.</summary>
    public required string Definition { get; set; }
}

/// <summary>The tenant's working calendars.</summary>
public sealed class Calendars(TasksDbContext db)
{
    /// <summary>The one that counts for a unit now: its own, else the tenant's, else the one of those who have published none.</summary>
    public async Task<WorkingCalendar> OfAsync(string? unitCode, CancellationToken cancel)
    {
        var code = unitCode ?? "";
        var known = await db.Calendars.AsNoTracking().Where(row => row.UnitCode == code || row.UnitCode == "").OrderByDescending(row => row.UnitCode).FirstOrDefaultAsync(cancel);
        return known is null ? WorkingCalendar.Default : JsonSerializer.Deserialize<WorkingCalendar>(known.Definition, EventJson.Options)!;
    }
}

/// <summary>Keeps the calendars that admin publishes. An older version that comes late changes nothing.</summary>
public sealed class KeepCalendar(TasksDbContext db) : IEventHandler<CalendarPublished>
{
    public async Task HandleAsync(CalendarPublished published, EventEnvelope envelope, CancellationToken cancel)
    {
        var code = published.UnitCode ?? "";
        var definition = JsonSerializer.Serialize(Of(published), EventJson.Options);
        if (await db.Calendars.FirstOrDefaultAsync(row => row.UnitCode == code, cancel) is not { } known)
            db.Add(new KnownCalendar { UnitCode = code, CalendarId = published.CalendarId, Version = published.Version, Definition = definition });
        else if (published.Version > known.Version)
            (known.CalendarId, known.Version, known.Definition) = (published.CalendarId, published.Version, definition);
    }

    /// <summary>The calendar as it is counted with. What the event does not say is as in the default.</summary>
    public static WorkingCalendar Of(CalendarPublished published) => WorkingCalendar.Default with
    {
        WeekendDays = [.. published.Weekend.Select(day => Enum.TryParse<DayOfWeek>(day, ignoreCase: true, out var read) ? (DayOfWeek?)read : null).OfType<DayOfWeek>()],
        Holidays =
        [
            .. published.Holidays.Select(holiday => new Holiday(
                holiday.Calendar == "hijri" ? HolidayCalendar.UmAlQura : HolidayCalendar.Gregorian, holiday.Month, holiday.Day, holiday.Days, holiday.NameAr, holiday.NameEn, holiday.Year)),
        ],
    };
}
