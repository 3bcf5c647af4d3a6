namespace Tarasol.Contracts.Admin;

/// <summary>
/// A version of a letter type holds from now on. Letters that are there keep the version that they were registered by.
/// Code: Names the type in requests; never changes.
/// Version: From 1; whoever keeps the newest one ignores an older one that comes late.
/// Closed: No new letters of it.
/// Directions: For which letters it can be chosen; none: for all.
/// AcknowledgementAr: What the sender of an incoming letter is told; null: nothing.
/// </summary>
public sealed record LetterTypePublished(
    Guid LetterTypeId, string Code, int Version, string NameAr, string NameEn, bool Closed, IReadOnlyList<string> Directions, IReadOnlyList<LetterTypeField> Fields,
    string? AcknowledgementAr, string? AcknowledgementEn, DateTimeOffset PublishedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "admin.letter-type-published.v1";

    string IEvent.Subject => LetterTypeId.ToString();
}

/// <summary>
/// A field that letters of the type have beside those that every letter has.
/// Kind: text, number, date, list, party or boolean.
/// Mandatory: A letter cannot be registered without it.
/// Choices: Of a list.
/// </summary>
public sealed record LetterTypeField(string Code, string NameAr, string NameEn, string Kind, bool Mandatory, IReadOnlyList<LetterTypeChoice> Choices);

/// <summary>A choice of a list.</summary>
public sealed record LetterTypeChoice(string Code, string NameAr, string NameEn);
