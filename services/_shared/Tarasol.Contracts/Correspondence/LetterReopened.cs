namespace Tarasol.Contracts.Correspondence;

/// <summary>A closed letter is again what it was before.</summary>
public sealed record LetterReopened(Guid LetterId, string Reason, DateTimeOffset ReopenedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.letter-reopened.v1";

    string IEvent.Subject => LetterId.ToString();
}
