using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Calls;
using Tarasol.Tasks.Deadlines;
using Tarasol.Tasks.Delegations;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Transfers;

/// <summary>
/// Who gets a work item that nobody has any more: the head of a unit or of the nearest one above; where nobody leads, whoever asked for it; else the head of the letter's unit. Only
/// somebody who is cleared for the letter, and while they are away the delegate who has their work. Every move is told as an event with its reason. Callers save.
/// </summary>
public sealed class NextInLine(Heads heads, Accounts accounts, Delegates delegates, IOutbox outbox, TimeProvider time)
{
    private const string Mover = "task";

    /// <summary>Gives it to the next person in line, from a unit on, but not to the one named. False: there is nobody.</summary>
    public async Task<bool> GiveAsync(WorkItem item, Guid? unit, string except, string reason, CancellationToken cancel)
    {
        var (name, headOf) = await FindAsync(item, unit, except, cancel);
        if (name is null)
            return false;
        item.HeadOf = headOf;
        // The head of the one unit may lead the other, too.
        if (name == (item.OnBehalfOf ?? item.Assignee))
            return true;
        var @delegate = await delegates.OfAsync(name, item.Kind, item.LetterUnitId, item.LetterType, item.Confidentiality, time.GetUtcNow(), cancel);
        if (@delegate is null || @delegate == except)
            Give(item, name, null, reason);
        else
            Give(item, @delegate, name, reason);
        return true;
    }

    /// <summary>Gives it to a person.</summary>
    public void Give(WorkItem item, string person, string? onBehalfOf, string reason)
    {
        var from = item.Assignee.Length > 0 ? item.Assignee : null;
        item.GiveTo(person, onBehalfOf);
        outbox.Add(new TaskReassigned(item.Id, item.LetterId, item.RoutingId, item.Step, from, person, Mover, reason, time.GetUtcNow()));
    }

    /// <summary>Offers it to a unit, to the next in line there if nobody in it may take it. False: nobody at all can.</summary>
    /// <param name="item">The work item.</param>
    /// <param name="unit">Whose it is to be.</param>
    /// <param name="coming">A unit whose people are about to be that unit's.</param>
    /// <param name="reason">Of the event.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<bool> OfferAsync(WorkItem item, Guid unit, Guid? coming, string reason, CancellationToken cancel)
    {
        if (!await CanBeTakenAsync(item, unit, cancel) && (coming is not { } other || !await CanBeTakenAsync(item, other, cancel)))
            return await GiveAsync(item, unit, item.Assignee, reason, cancel);
        var from = item.Assignee.Length > 0 ? item.Assignee : null;
        if (from is not null)
        {
            item.GiveTo("");
            outbox.Add(new TaskOffered(item.Id, WireEnum.Name(item.Kind), item.LetterId, item.RoutingId, item.Step, unit, item.Role, item.DueAt, time.GetUtcNow()));
        }
        Move(item, from, unit, reason);
        return true;
    }

    /// <summary>Another unit goes on with it; whoever has taken it keeps it.</summary>
    public void Move(WorkItem item, Guid to, string reason) => Move(item, null, to, reason);

    private void Move(WorkItem item, string? from, Guid to, string reason)
    {
        outbox.Add(new TaskTransferred(item.Id, item.LetterId, item.RoutingId, item.Step, from, item.UnitId!.Value, to, Mover, reason, time.GetUtcNow()));
        item.MoveTo(to);
    }

    private async Task<(string? Name, Guid? HeadOf)> FindAsync(WorkItem item, Guid? unit, string except, CancellationToken cancel)
    {
        if (await heads.AboveAsync(item, unit, except, 1, cancel) is { } head)
            return (head.UserName, head.UnitId);
        if (item.AskedBy is { } asker && asker != except && await accounts.FindAsync(asker, cancel) is { } sender && sender.Clearance >= (item.Confidentiality ?? Clearance.Highest))
            return (sender.UserName, null);
        return item.LetterUnitId is { } letters && letters != unit && await heads.AboveAsync(item, letters, except, 1, cancel) is { } other ? (other.UserName, other.UnitId) : (null, null);
    }

    private async Task<bool> CanBeTakenAsync(WorkItem item, Guid unit, CancellationToken cancel) => (await accounts.OfUnitAsync(unit, cancel)).Any(member =>
        member.UserName != item.Assignee && member.Clearance >= (item.Confidentiality ?? Clearance.Highest) && (item.Role is null || member.Roles.Contains(item.Role)));
}
