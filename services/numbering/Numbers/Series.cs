using Tarasol.Numbering.Masks;

namespace Tarasol.Numbering.Numbers;

/// <summary>A run of numbers. Which one numbers a letter: <see cref="Catalogue.SeriesChoice"/>.</summary>
public sealed class Series
{
    /// <summary>Lower-case letters, digits and hyphens; part of the actor's id.</summary>
    public required string Key { get; init; }

    public Direction Direction { get; init; }

    /// <summary>Code of the unit that the series is for; empty: every unit.</summary>
    public required string Unit { get; init; }

    /// <summary>True: also for all units below.</summary>
    public bool Subtree { get; init; }

    /// <summary>Code of the letter type that it is for; empty: every type.</summary>
    public string LetterType { get; init; } = "";

    /// <summary>With whose years the sequence begins again.</summary>
    public YearCalendar Reset { get; init; }

    /// <summary>See <see cref="Masks.NumberMask"/>. Later ones are in <see cref="SeriesMask"/>.</summary>
    public required string Mask { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>A closed series gives no new numbers.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Empty while it is open, then the key: of the open series, only one is for the same letters.</summary>
    public string ClosedKey { get; set; } = "";
}

/// <summary>A mask that took the place of an earlier one. Numbers that were given keep their look.</summary>
public sealed class SeriesMask
{
    public required string Series { get; init; }

    /// <summary>1, 2, 3, ... after the mask that the series began with.</summary>
    public int Version { get; init; }

    public required string Mask { get; init; }

    /// <summary>The first period in which it holds; empty: all.</summary>
    public required string FromPeriod { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
