namespace Tarasol.Correspondence.Letters.Links;

/// <summary>What one letter is to another. It is seen from both ends, by those who may know of both.</summary>
public sealed class LetterLink
{
    public Guid Id { get; init; }

    /// <summary>The letter that says what it is to the other.</summary>
    public Guid LetterId { get; init; }

    public LinkKind Kind { get; init; }

    public Guid OtherId { get; init; }

    /// <summary>User name.</summary>
    public required string CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Which of the two letters tells of the link in its timeline: the more confidential one, since people who may not know of that one must not notice anything at the other. The first where they are alike.
    /// </summary>
    public static Letter Teller(Letter letter, Letter other) => other.Confidentiality > letter.Confidentiality ? other : letter;
}

public enum LinkKind
{
    RepliesTo,
    Relates,

    /// <summary>Takes the place of a letter that is final: after signing nothing changes but by a letter that does.</summary>
    Supersedes,

    Duplicates,
}
