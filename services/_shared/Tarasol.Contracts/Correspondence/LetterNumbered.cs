namespace Tarasol.Contracts.Correspondence;

/// <summary>A letter got its reference number, which never changes.</summary>
public sealed record LetterNumbered(Guid LetterId, string ReferenceNumber, DateTimeOffset NumberedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.letter-numbered.v1";

    string IEvent.Subject => LetterId.ToString();
}
