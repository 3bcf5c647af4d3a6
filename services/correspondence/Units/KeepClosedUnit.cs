using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Units;

/// <summary>Remembers that a unit has closed; a sweep moves its letters, of which there may be many.</summary>
public sealed class KeepClosedUnit(CorrespondenceDbContext db, SweepSignal<MoveLetters> move, CurrentTenant tenant) : IEventHandler<UnitClosed>
{
    public async Task HandleAsync(UnitClosed closed, EventEnvelope envelope, CancellationToken cancel)
    {
        if (await db.ClosedUnits.AnyAsync(row => row.UnitId == closed.UnitId, cancel))
            return;
        db.Add(new ClosedUnit
        {
            UnitId = closed.UnitId, SuccessorId = closed.SuccessorId, SuccessorCode = closed.SuccessorCode, Reason = closed.Reason, ClosedBy = envelope.Actor, ClosedAt = closed.ClosedAt,
        });
        move.Set(tenant.Slug);
    }
}
