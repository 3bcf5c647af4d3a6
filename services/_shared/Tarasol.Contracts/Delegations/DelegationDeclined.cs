namespace Tarasol.Contracts.Delegations;

/// <summary>The person who was asked will not act for the other.</summary>
public sealed record DelegationDeclined(Guid DelegationId, string Principal, string Delegate, string? Reason, DateTimeOffset DeclinedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "delegation.delegation-declined.v1";

    string IEvent.Subject => DelegationId.ToString();
}
