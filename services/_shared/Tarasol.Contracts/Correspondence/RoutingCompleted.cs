namespace Tarasol.Contracts.Correspondence;

/// <summary>A letter's circuit ended: approved, rejected or returned.</summary>
public sealed record RoutingCompleted(Guid LetterId, Guid RoutingId, string Outcome, string? ReferenceNumber, DateTimeOffset CompletedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.routing-completed.v1";

    string IEvent.Subject => LetterId.ToString();
}
