namespace Tarasol.Contracts.Correspondence;

/// <summary>Nothing more is to be done about a letter: answered, action-taken, no-action-needed, filed, duplicate or withdrawn.</summary>
public sealed record LetterClosed(Guid LetterId, string Closure, DateTimeOffset ClosedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.letter-closed.v1";

    string IEvent.Subject => LetterId.ToString();
}
