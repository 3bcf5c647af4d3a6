namespace Tarasol.Contracts.Correspondence;

/// <summary>A letter was accepted into the register. It has its number unless it gets one at final approval.</summary>
public sealed record LetterRegistered(Guid LetterId, string Direction, string Subject, string Language, string Urgency, string Confidentiality, Guid OwnerUnitId, string? ReferenceNumber, DateOnly DocumentDate, DateTimeOffset RegisteredAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.letter-registered.v1";

    string IEvent.Subject => LetterId.ToString();
}
