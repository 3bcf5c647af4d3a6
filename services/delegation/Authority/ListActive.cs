using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Delegations.Calls;
using Tarasol.Delegations.Data;
using Tarasol.Delegations.Granting;
using Tarasol.Delegations.People;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Delegations.Authority;

/// <summary>
/// GET /internal/delegations/active?principal=&amp;delegate=&amp;on=&amp;unit=&amp;letterType=&amp;action=&amp;confidentiality=: the delegations that held at a moment (now, unless one is named) for such work.
/// One of the two persons must be named. With a principal, a unit, a type and an action there is at most one: what stands never overlaps.
/// </summary>
public static class ListActive
{
    private static readonly Text Needed = new("is required unless a delegate is named", "مطلوب ما لم يُذكر المفوَّض");
    private static readonly Text BadMoment = new("must be a moment such as 2026-01-31T08:30:00Z", "يجب أن يكون لحظة مثل 2026-01-31T08:30:00Z");

    /// <param name="Confidentiality">What both persons are cleared for, at most what the delegation says.</param>
    public sealed record Item(
        Guid DelegationId, string Principal, string Delegate, Confidentiality Confidentiality, IReadOnlyList<ScopeUnit> Units, IReadOnlyList<string> LetterTypes, IReadOnlyList<DelegatedAction> Actions,
        DateTimeOffset From, DateTimeOffset Until);

    public static async Task<Ok<Page<Item>>> HandleAsync(
        string? principal, string? @delegate, string? on, Guid? unit, string? letterType, string? action, string? confidentiality,
        UnitsOfTenant units, KnownPeople people, DelegationDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var errors = new Errors();
        if (string.IsNullOrEmpty(principal) && string.IsNullOrEmpty(@delegate))
            errors.Add("principal", Needed);
        var moment = time.GetUtcNow();
        if (!string.IsNullOrEmpty(on) && !ReadAuthority.TryReadMoment(on, out moment))
            errors.Add("on", BadMoment);
        var wantedAction = WireEnum.Query<DelegatedAction>(action, "action", errors);
        var level = WireEnum.Query<Confidentiality>(confidentiality, "confidentiality", errors) ?? Confidentiality.Normal;
        errors.ThrowIfAny();

        var rows = await db.Delegations.AsNoTracking().Include(row => row.Changes)
            .Where(row => (string.IsNullOrEmpty(principal) || row.Principal == principal) && (string.IsNullOrEmpty(@delegate) || row.Delegate == @delegate))
            .Where(row => row.StartsAt <= moment && row.EndsAt > moment).OrderBy(row => row.Id).ToListAsync(cancel);
        if (rows.Count == 0)
            return TypedResults.Ok(new Page<Item>([], null));
        var history = await people.HistoryAsync([.. rows.SelectMany(row => new[] { row.Principal, row.Delegate }).Distinct()], cancel);
        var sets = unit is null ? new UnitSets(new Dictionary<Guid, IReadOnlySet<Guid>>()) : await units.SetsAsync(rows.Select(row => row.Scope), cancel);
        var items =
            from row in rows
            where row.Scope.Covers(unit, string.IsNullOrEmpty(letterType) ? null : letterType, wantedAction, sets)
            from held in AuthorityRules.Delegated(row, new(moment, moment.AddTicks(1)), history)
            where held.Level >= level
            let whole = AuthorityRules.InForce(row)!.Value
            select new Item(row.Id, row.Principal, row.Delegate, held.Level, row.Scope.Units, row.Scope.LetterTypes, row.Scope.Actions, whole.From, whole.Until);
        return TypedResults.Ok(new Page<Item>([.. items], null));
    }
}
