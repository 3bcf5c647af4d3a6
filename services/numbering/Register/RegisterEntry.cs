namespace Tarasol.Numbering.Register;

/// <summary>One act in the life of a series. Never changed, never deleted; each names the hash of the one before.</summary>
public sealed class RegisterEntry
{
    public required string Series { get; init; }

    /// <summary>1, 2, 3, ... in the series.</summary>
    public long Position { get; init; }

    public EntryKind Kind { get; init; }

    /// <summary>The year in which the sequence runs; with <see cref="EntryKind.MaskChanged"/> the first in which the mask holds; else empty.</summary>
    public string Period { get; init; } = "";

    /// <summary>The number, or the first of several; 0: the entry is of none.</summary>
    public long First { get; init; }

    /// <summary>The last of them.</summary>
    public long Last { get; init; }

    /// <summary>How the number, or the first of several, looks.</summary>
    public string ReferenceNumber { get; init; } = "";

    public Guid? LetterId { get; init; }

    public Guid? BlockId { get; init; }

    /// <summary>Code that fills {unit}.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The day that fills {year} and {hijri}, as <c>yyyy-MM-dd</c>.</summary>
    public string Day { get; init; } = "";

    /// <summary>The series' definition as JSON, the new mask, the purpose, the note or the reason.</summary>
    public string Text { get; init; } = "";

    /// <summary>User name of the person who caused it, or the service's app-id.</summary>
    public required string Actor { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Hash of the entry before; of the first one <see cref="EntryHash.Genesis"/>.</summary>
    public string PreviousHash { get; init; } = "";

    /// <summary>See <see cref="EntryHash"/>.</summary>
    public string Hash { get; init; } = "";
}

/// <summary>What happened.</summary>
public enum EntryKind
{
    /// <summary>The series began; the text is its definition.</summary>
    Opened,

    /// <summary>Later numbers look otherwise; the text is the mask.</summary>
    MaskChanged,

    /// <summary>No new numbers any more.</summary>
    Closed,

    /// <summary>The next number was given to a letter.</summary>
    Allocated,

    /// <summary>The next numbers were kept as a block; the text is the purpose.</summary>
    Reserved,

    /// <summary>The next number of a block was given to a letter, or used for what the text says.</summary>
    Taken,

    /// <summary>What was left of a block became void; the text is the reason.</summary>
    Released,

    /// <summary>A number that was given became void; the text is the reason.</summary>
    Voided,
}

/// <summary>Where the chain of a series ends. Whoever appends holds this row.</summary>
public sealed class RegisterEnd
{
    public required string Series { get; init; }

    /// <summary>Of the last entry; 0 when there is none.</summary>
    public long Position { get; set; }

    /// <summary>Of the last entry.</summary>
    public required string Hash { get; set; }
}
