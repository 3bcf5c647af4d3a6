using Tarasol.Tasks.Calls;
using Tarasol.Tasks.People;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Deadlines;

/// <summary>Who is told that somebody is late: the head of their unit, then the head of the unit above it, and so on. Who that is the directory says.</summary>
public sealed class Heads(KnownPersons persons, Units units)
{
    /// <summary>The head at a level, 1 being the own unit's: somebody else than the assignee, and cleared for the letter. A unit without one counts for nothing. Null: there is none.</summary>
    public async Task<Units.Head?> AboveAsync(WorkItem item, int level, CancellationToken cancel) =>
        await AboveAsync(
            item, item.UnitId ?? item.HeadOf ?? (item.Assignee.Length > 0 ? (await persons.FindAsync(item.Assignee, cancel))?.UnitId : null), item.Assignee, level, cancel);

    /// <summary>The same from a unit on, and not the person named.</summary>
    public async Task<Units.Head?> AboveAsync(WorkItem item, Guid? unit, string except, int level, CancellationToken cancel)
    {
        Units.Head? found = null;
        for (; unit is { } id && level > 0; level--)
        {
            // Above the highest head there is nobody: the last one is told again.
            if (await units.HeadAsync(id, item.Confidentiality ?? Clearance.Highest, except, cancel) is not { } head)
                break;
            (found, unit) = (head, head.ParentId);
        }
        return found;
    }
}
