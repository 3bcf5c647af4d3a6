namespace Tarasol.Correspondence.LetterTypes;

/// <summary>This service's copy of a published version of a letter type. It never changes; a letter keeps the one that it was registered by.</summary>
public sealed class LetterTypeVersion
{
    public Guid LetterTypeId { get; init; }

    public int Version { get; init; }

    /// <summary>Names the type in requests.</summary>
    public required string Code { get; init; }

    /// <summary>The event that told it, as JSON.</summary>
    public required string Form { get; init; }
}

/// <summary>This service's copy of a published version of the classification system.</summary>
public sealed class ClassificationVersion
{
    public int Version { get; init; }

    /// <summary>The event's classes, as JSON.</summary>
    public required string Classes { get; init; }
}
