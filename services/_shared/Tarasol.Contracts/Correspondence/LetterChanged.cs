namespace Tarasol.Contracts.Correspondence;

/// <summary>Fields of a letter were changed before it was final.</summary>
public sealed record LetterChanged(Guid LetterId, IReadOnlyList<ChangedField> Changes, string ChangedBy, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.letter-changed.v1";

    string IEvent.Subject => LetterId.ToString();
}

/// <summary>One of them: its name as the API spells it, and its values before and after as JSON text. A letter's body is too long for an event: its values are null.</summary>
public sealed record ChangedField(string Field, string? Before, string? After);
