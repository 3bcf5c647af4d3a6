namespace Tarasol.Contracts.Delegations;

/// <summary>An offer was taken back before it was answered.</summary>
/// <param name="DelegationId">The delegation.</param>
/// <param name="Principal">User name.</param>
/// <param name="Delegate">User name.</param>
/// <param name="Cause">principal, administrator or person-left.</param>
/// <param name="Reason">In the words of the person who took it back.</param>
/// <param name="WithdrawnAt">When.</param>
public sealed record DelegationWithdrawn(Guid DelegationId, string Principal, string Delegate, string Cause, string? Reason, DateTimeOffset WithdrawnAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "delegation.delegation-withdrawn.v1";

    string IEvent.Subject => DelegationId.ToString();
}
