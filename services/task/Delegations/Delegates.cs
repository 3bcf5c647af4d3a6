using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Delegations;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Calls;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.People;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Delegations;

/// <summary>Who acts for a person while somebody else has their work.</summary>
public sealed class Delegates(TasksDbContext db, KnownPersons persons, Units units)
{
    /// <summary>The delegate who gets such a task instead of the person; null: nobody does. Both have to be cleared for the letter, and so has the delegation. Nothing is passed on twice.</summary>
    public async Task<string?> OfAsync(string principal, WorkItemKind kind, Guid? letterUnit, string? letterType, int? confidentiality, DateTimeOffset now, CancellationToken cancel)
    {
        // Opinions are asked of the person; an escalation or a referral is theirs too.
        if (kind is WorkItemKind.Opinion or WorkItemKind.Escalation or WorkItemKind.Referral)
            return null;
        var level = confidentiality ?? Clearance.Highest;
        var held = await db.Delegations.AsNoTracking()
            .Where(row => row.Principal == principal && row.From <= now && row.Until > now && row.Confidentiality >= level).OrderBy(row => row.Id).ToListAsync(cancel);
        foreach (var delegation in held)
        {
            var scope = JsonSerializer.Deserialize<DelegationScope>(delegation.Scope, EventJson.Options)!;
            if (Covers(scope.Actions, WireEnum.Name(kind)) && Covers(scope.LetterTypes, letterType) && await CoversAsync(scope.Units, letterUnit, cancel)
                && await persons.FindAsync(delegation.Delegate, cancel) is { } person && person.Clearance >= level)
                return person.UserName;
        }
        return null;
    }

    // An empty list means all there are; what is not known is in no list.
    private static bool Covers(IReadOnlyList<string> all, string? one) => all.Count == 0 || one is not null && all.Contains(one);

    private async Task<bool> CoversAsync(IReadOnlyList<DelegatedUnit> all, Guid? unit, CancellationToken cancel)
    {
        if (all.Count == 0)
            return true;
        foreach (var each in all.Where(_ => unit is not null))
        {
            if (each.UnitId == unit || each.Subtree && (await units.BelowAsync(each.UnitId, cancel)).Contains(unit!.Value))
                return true;
        }
        return false;
    }
}
