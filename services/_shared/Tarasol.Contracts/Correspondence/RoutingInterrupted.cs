namespace Tarasol.Contracts.Correspondence;

/// <summary>A letter's way was stopped by a person before its end; the letter can be routed again.</summary>
public sealed record RoutingInterrupted(Guid LetterId, Guid RoutingId, string InterruptedBy, string Reason, DateTimeOffset InterruptedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.routing-interrupted.v1";

    string IEvent.Subject => LetterId.ToString();
}
