namespace Tarasol.Contracts.Delegations;

/// <summary>The delegate accepted: from <paramref name="From"/> on the delegate may act for the principal.</summary>
/// <param name="DelegationId">The delegation.</param>
/// <param name="Principal">User name of the person whose work it is.</param>
/// <param name="Delegate">User name of the person who may act.</param>
/// <param name="Scope">For which work.</param>
/// <param name="Confidentiality">Highest level; it counts only as far as both persons are cleared for it.</param>
/// <param name="From">When it begins: not before it was accepted.</param>
/// <param name="Until">When it is over, unless it is ended earlier.</param>
/// <param name="AcceptedAt">When.</param>
public sealed record DelegationAccepted(
    Guid DelegationId, string Principal, string Delegate, DelegationScope Scope, string Confidentiality, DateTimeOffset From, DateTimeOffset Until, DateTimeOffset AcceptedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "delegation.delegation-accepted.v1";

    string IEvent.Subject => DelegationId.ToString();
}
