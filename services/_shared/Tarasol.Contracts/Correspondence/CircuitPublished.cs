namespace Tarasol.Contracts.Correspondence;

/// <summary>A version of a circuit was found sound and published: letters can be sent by it.</summary>
public sealed record CircuitPublished(Guid CircuitId, string Code, int Version, string NameAr, string NameEn, DateTimeOffset PublishedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.circuit-published.v1";

    string IEvent.Subject => CircuitId.ToString();
}
