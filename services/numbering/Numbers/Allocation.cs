namespace Tarasol.Numbering.Numbers;

/// <summary>A number that a letter has for good. Nothing changes or deletes it.</summary>
public sealed class Allocation
{
    /// <summary>A letter has one number at most. A number of a block that was used on paper only has an id of its own here.</summary>
    public Guid LetterId { get; init; }

    public required string Series { get; init; }

    /// <summary>The year, of the series' calendar, in which the sequence runs.</summary>
    public required string Period { get; init; }

    /// <summary>1, 2, 3, ... in series and period, without gaps.</summary>
    public long Sequence { get; init; }

    public required string ReferenceNumber { get; init; }

    public DateTimeOffset AllocatedAt { get; init; }
}
