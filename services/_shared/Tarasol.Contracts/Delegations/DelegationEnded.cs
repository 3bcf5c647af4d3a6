namespace Tarasol.Contracts.Delegations;

/// <summary>A delegation that held was ended before its time: the delegate may not act any more.</summary>
/// <param name="DelegationId">The delegation.</param>
/// <param name="Principal">User name.</param>
/// <param name="Delegate">User name.</param>
/// <param name="Cause">principal, delegate, administrator or person-left.</param>
/// <param name="Reason">In the words of the person who ended it.</param>
/// <param name="EndedAt">When.</param>
public sealed record DelegationEnded(Guid DelegationId, string Principal, string Delegate, string Cause, string? Reason, DateTimeOffset EndedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "delegation.delegation-ended.v1";

    string IEvent.Subject => DelegationId.ToString();
}
