using Microsoft.EntityFrameworkCore;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.People;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Transfers;

/// <summary>
/// Where the open work of a person goes who leaves: what they did for somebody else goes back to that person, what they took from a unit is offered to the unit again, all else goes to the next
/// in line from their unit on. Opinions that they were asked for are not waited for any more. What nobody can take yet stays, and is tried again with everybody who comes.
/// </summary>
public sealed class MoveWorkOf(TasksDbContext db, NextInLine next, ILogger<MoveWorkOf> log)
{
    private const string Reason = "person-left";

    /// <summary>Adds the changes; the caller saves.</summary>
    public async Task RunAsync(Person person, CancellationToken cancel)
    {
        foreach (var item in await db.WorkItems.Where(row => row.Assignee == person.UserName && row.State == WorkItemState.Open).OrderBy(row => row.Position).ToListAsync(cancel))
            await MoveAsync(item, person.UnitId, cancel);
    }

    /// <summary>For a work item that comes to a person now: if they have left, or the unit as whose head they get it has closed, it goes on at once.</summary>
    public async Task CheckAsync(WorkItem item, CancellationToken cancel)
    {
        if (await db.Persons.FirstOrDefaultAsync(person => person.UserName == item.Assignee && !person.Active, cancel) is { } gone)
            await MoveAsync(item, gone.UnitId, cancel);
        else if (item.HeadOf is { } led && await db.InChargeOfAsync(led, cancel) is var other && other != led)
            await next.GiveAsync(item, other, "", UnitChanges.Reason, cancel);
    }

    private async Task MoveAsync(WorkItem item, Guid? unit, CancellationToken cancel)
    {
        if (item.Kind == WorkItemKind.Opinion)
        {
            var parent = await db.WorkItems.FirstAsync(row => row.Id == item.ParentId, cancel);
            item.Cancel();
            parent.AwaitOpinions(-1);
            return;
        }
        // The other one may have left as well.
        if (item.OnBehalfOf is { } principal && !await HasLeftAsync(principal, cancel))
            next.Give(item, principal, null, Reason);
        else if (!(item.UnitId is { } offered && item.HeadOf is null
            ? await next.OfferAsync(item, await db.InChargeOfAsync(offered, cancel), null, Reason, cancel)
            : await next.GiveAsync(item, item.HeadOf ?? unit, item.Assignee, Reason, cancel)))
            log.LogWarning("Nobody can take task {TaskId} of {UserName}, who left", item.Id, item.Assignee);
    }

    /// <summary>Somebody has come, or leads a unit now: perhaps they can take what nobody could. The caller saves.</summary>
    public async Task RetryAsync(CancellationToken cancel)
    {
        var left = await db.Persons.Where(person => !person.Active && db.WorkItems.Any(row => row.Assignee == person.UserName && row.State == WorkItemState.Open)).ToListAsync(cancel);
        foreach (var person in left)
            await RunAsync(person, cancel);
    }

    private Task<bool> HasLeftAsync(string userName, CancellationToken cancel) => db.Persons.AnyAsync(person => person.UserName == userName && !person.Active, cancel);
}
