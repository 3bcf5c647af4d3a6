using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Deadlines;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.People;

/// <summary>
/// Where the open work of a person goes who leaves: what they did for somebody else goes back to that person, what they took from a unit is offered to the unit again, all else goes to the head of their
/// unit, or of the unit above. What nobody else may see stays, and is told as overdue when its time comes. Opinions that they were asked for are not waited for any more.
/// </summary>
public sealed class MoveWorkOf(TasksDbContext db, Heads heads, IOutbox outbox, TimeProvider time, ILogger<MoveWorkOf> log)
{
    private const string Reason = "person-left";

    /// <summary>Adds the changes; the caller saves.</summary>
    public async Task RunAsync(Person person, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var item in await db.WorkItems.Where(row => row.Assignee == person.UserName && row.State == WorkItemState.Open).OrderBy(row => row.Position).ToListAsync(cancel))
        {
            if (item.Kind == WorkItemKind.Opinion)
            {
                var parent = await db.WorkItems.FirstAsync(row => row.Id == item.ParentId, cancel);
                item.Cancel();
                parent.AwaitOpinions(-1);
                continue;
            }
            var next = item.OnBehalfOf ?? (item.UnitId is null ? await heads.AboveAsync(item, person.UnitId, 1, cancel) : "");
            if (next is null)
            {
                log.LogWarning("Nobody can take task {TaskId} of {UserName}, who left", item.Id, person.UserName);
                continue;
            }
            item.GiveTo(next);
            if (next.Length > 0)
                outbox.Add(new TaskReassigned(item.Id, item.LetterId, item.RoutingId, item.Step, person.UserName, next, "task", Reason, now));
            else
                outbox.Add(new TaskOffered(item.Id, ServiceDefaults.Requests.WireEnum.Name(item.Kind), item.LetterId, item.RoutingId, item.Step, item.UnitId!.Value, item.Role, item.DueAt, now));
        }
    }
}
