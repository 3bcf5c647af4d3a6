namespace Tarasol.Contracts.Delegations;

/// <summary>A person was asked to act for another one. Nothing holds before it is accepted.</summary>
/// <param name="DelegationId">The delegation.</param>
/// <param name="Principal">User name of the person whose work it is.</param>
/// <param name="Delegate">User name of the person who is asked.</param>
/// <param name="Scope">For which work.</param>
/// <param name="Confidentiality">Highest level: normal, restricted, secret or top-secret.</param>
/// <param name="From">When it begins, at the earliest.</param>
/// <param name="Until">When it is over.</param>
/// <param name="Reason">In the words of the person who offered it.</param>
/// <param name="OfferedBy">User name: the principal, or an administrator.</param>
/// <param name="OfferedAt">When.</param>
public sealed record DelegationOffered(
    Guid DelegationId, string Principal, string Delegate, DelegationScope Scope, string Confidentiality, DateTimeOffset From, DateTimeOffset Until, string Reason, string OfferedBy, DateTimeOffset OfferedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "delegation.delegation-offered.v1";

    string IEvent.Subject => DelegationId.ToString();
}

/// <summary>What a delegation is for. An empty list: all there are.</summary>
/// <param name="Units">Units that own the letters.</param>
/// <param name="LetterTypes">Codes of the letters' types.</param>
/// <param name="Actions">approve, sign, comment, act, inform or read.</param>
public sealed record DelegationScope(IReadOnlyList<DelegatedUnit> Units, IReadOnlyList<string> LetterTypes, IReadOnlyList<string> Actions);

/// <summary>A unit, alone or with all below it.</summary>
public sealed record DelegatedUnit(Guid UnitId, bool Subtree);
