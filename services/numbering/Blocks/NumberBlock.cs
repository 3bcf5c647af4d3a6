using System.Globalization;
using Tarasol.Numbering.Catalogue;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Numbering.Blocks;

/// <summary>Numbers of a series that are kept for use elsewhere, such as a register on paper. They are taken one after the other; what is left is released as void.</summary>
public sealed class NumberBlock
{
    public Guid Id { get; init; }

    public required string Series { get; init; }

    public required string Period { get; init; }

    public long First { get; init; }

    public long Last { get; init; }

    /// <summary>The next one to take; after <see cref="Last"/>: none is left.</summary>
    public long Next { get; set; }

    /// <summary>Code of the unit that the block is for; fills {unit}.</summary>
    public required string Unit { get; init; }

    /// <summary>The day on which it was reserved, as <c>yyyy-MM-dd</c>; its year is the period.</summary>
    public required string Day { get; init; }

    /// <summary>The mask when it was reserved: how its numbers look does not change.</summary>
    public required string Mask { get; init; }

    public required string Purpose { get; init; }

    /// <summary>User name.</summary>
    public required string ReservedBy { get; init; }

    public DateTimeOffset ReservedAt { get; init; }

    /// <summary>Null while numbers can be taken.</summary>
    public DateTimeOffset? ReleasedAt { get; set; }

    /// <summary>How one of its numbers looks.</summary>
    public string Number(Series series, long sequence) =>
        MasksOfSeries.Read(series, Mask).Format(Unit, series.Direction, DateOnly.ParseExact(Day, "yyyy-MM-dd", CultureInfo.InvariantCulture), sequence, series.LetterType);
}
