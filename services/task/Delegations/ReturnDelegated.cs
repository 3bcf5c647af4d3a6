using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Transfers;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Delegations;

/// <summary>When a delegation is over, its principal gets back what the delegate has not decided.</summary>
public sealed class ReturnDelegated(TasksDbContext db, IOutbox outbox, MoveWorkOf move, TimeProvider time) : ITenantSweep
{
    private const string Reason = "delegation-ended";

    public async Task SweepAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var over in await db.Delegations.Where(row => !row.Returned && row.Until <= now).OrderBy(row => row.Id).ToListAsync(cancel))
        {
            var left = await db.WorkItems.Where(row => row.Assignee == over.Delegate && row.OnBehalfOf == over.Principal && row.State == WorkItemState.Open).ToListAsync(cancel);
            // Another one of the same two may go on.
            var goesOn = await db.Delegations.AnyAsync(row => row.Id != over.Id && row.Principal == over.Principal && row.Delegate == over.Delegate && row.From <= now && row.Until > now, cancel);
            foreach (var item in goesOn ? [] : left)
            {
                item.GiveTo(over.Principal);
                outbox.Add(new TaskReassigned(item.Id, item.LetterId, item.RoutingId, item.Step, over.Delegate, over.Principal, over.Principal, Reason, now), over.Principal);
                await move.CheckAsync(item, cancel);
            }
            over.Returned = true;
            await db.SaveChangesAsync(cancel);
        }
    }
}
