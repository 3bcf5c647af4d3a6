using Tarasol.Tasks.Calls;
using Tarasol.Tasks.People;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Deadlines;

/// <summary>Who is told that somebody is late: the head of their unit, then the head of the unit above it, and so on.</summary>
public sealed class Heads(KnownPersons persons, Accounts accounts, Units units)
{
    private const string HeadRole = "unit-head";
    private const int Highest = 30;

    /// <summary>The head at a level, 1 being the own unit's: somebody else than the assignee, and cleared for the letter. A unit without one counts for nothing. Null: there is none.</summary>
    public async Task<string?> AboveAsync(WorkItem item, int level, CancellationToken cancel) =>
        await AboveAsync(item, item.UnitId ?? (item.Assignee.Length > 0 ? (await persons.FindAsync(item.Assignee, cancel))?.UnitId : null), level, cancel);

    /// <summary>The same from a unit on.</summary>
    public async Task<string?> AboveAsync(WorkItem item, Guid? unit, int level, CancellationToken cancel)
    {
        string? found = null;
        for (var height = 0; unit is { } id && height < Highest; height++)
        {
            var head = (await accounts.OfUnitAsync(id, cancel)).FirstOrDefault(member =>
                member.Roles.Contains(HeadRole) && member.UserName != item.Assignee && member.Clearance >= (item.Confidentiality ?? Clearance.Highest));
            if (head is not null)
                (found, level) = (head.UserName, level - 1);
            if (level == 0)
                return found;
            unit = (await units.FindAsync(id, cancel))?.ParentId;
        }
        // Above the highest head there is nobody: the last one is told again.
        return found;
    }
}
