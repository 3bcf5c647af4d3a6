using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Transfers;

/// <summary>
/// The open work of a unit that closes or is merged goes to its successor: what was offered to its people is offered to those of the successor, what its head had as its head goes to the
/// successor's head. What people have as themselves stays theirs.
/// </summary>
public sealed class UnitChanges(TasksDbContext db, NextInLine next, MoveWorkOf move) : IEventHandler<UnitClosed>, IEventHandler<PositionFilled>
{
    internal const string Reason = "unit-closed";

    public async Task HandleAsync(UnitClosed closed, EventEnvelope envelope, CancellationToken cancel)
    {
        if (await db.ClosedUnits.AnyAsync(row => row.UnitId == closed.UnitId, cancel))
            return;
        db.Add(new ClosedUnit { UnitId = closed.UnitId, SuccessorId = closed.SuccessorId });
        var successor = await db.InChargeOfAsync(closed.SuccessorId, cancel);
        foreach (var item in await db.WorkItems.Where(row => row.UnitId == closed.UnitId && row.State == WorkItemState.Open).OrderBy(row => row.Position).ToListAsync(cancel))
        {
            if (item.Assignee.Length > 0)
                next.Move(item, successor, Reason);
            else if (!await next.OfferAsync(item, successor, closed.UnitId, Reason, cancel))
                // There may be people one day.
                next.Move(item, successor, Reason);
        }
        foreach (var item in await db.WorkItems.Where(row => row.HeadOf == closed.UnitId && row.State == WorkItemState.Open).OrderBy(row => row.Position).ToListAsync(cancel))
        {
            // Without any head it stays with the person, who is there as before.
            if (!await next.GiveAsync(item, successor, "", Reason, cancel))
                item.HeadOf = successor;
        }
    }

    public Task HandleAsync(PositionFilled filled, EventEnvelope envelope, CancellationToken cancel) => move.RetryAsync(cancel);
}
