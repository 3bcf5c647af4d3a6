using Tarasol.Contracts.Delegations;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Delegations.Granting;

/// <summary>A delegation as the API shows it.</summary>
/// <param name="InForce">The delegate may act now.</param>
public sealed record DelegationView(
    Guid Id, string Principal, string Delegate, IReadOnlyList<ScopeUnit> Units, IReadOnlyList<string> LetterTypes, IReadOnlyList<DelegatedAction> Actions, Confidentiality Confidentiality,
    DateOnly From, DateOnly Until, string TimeZone, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string Reason, DelegationState State, bool InForce)
{
    internal static DelegationView Of(Delegation row, DateTimeOffset now) => new(
        row.Id, row.Principal, row.Delegate, row.Scope.Units, row.Scope.LetterTypes, row.Scope.Actions, row.Confidentiality, row.FirstDay, row.LastDay, row.TimeZone, row.StartsAt, row.EndsAt, row.Reason,
        row.State, row.State == DelegationState.Accepted && row.StartsAt <= now && now < row.EndsAt);

    internal static DelegationScope Contract(Scope scope) =>
        new([.. scope.Units.Select(unit => new DelegatedUnit(unit.UnitId, unit.Subtree))], scope.LetterTypes, [.. scope.Actions.Select(WireEnum.Name)]);
}
