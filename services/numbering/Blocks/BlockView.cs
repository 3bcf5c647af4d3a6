using Tarasol.Numbering.Numbers;

namespace Tarasol.Numbering.Blocks;

/// <summary>A block as the API shows it.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Series">Key of its series.</param>
/// <param name="Period">The year of its numbers.</param>
/// <param name="First">First number.</param>
/// <param name="Last">Last number.</param>
/// <param name="FirstNumber">How the first looks.</param>
/// <param name="LastNumber">How the last looks.</param>
/// <param name="Left">How many can be taken.</param>
/// <param name="Purpose">What for.</param>
/// <param name="ReservedBy">User name.</param>
/// <param name="ReservedAt">When.</param>
/// <param name="ReleasedAt">When the rest became void; null: not yet.</param>
public sealed record BlockView(
    Guid Id, string Series, string Period, long First, long Last, string FirstNumber, string LastNumber, long Left, string Purpose, string ReservedBy, DateTimeOffset ReservedAt,
    DateTimeOffset? ReleasedAt)
{
    public static BlockView Of(NumberBlock block, Series series) => new(
        block.Id, block.Series, block.Period, block.First, block.Last, block.Number(series, block.First), block.Number(series, block.Last),
        block.ReleasedAt is null ? block.Last - block.Next + 1 : 0, block.Purpose, block.ReservedBy, block.ReservedAt, block.ReleasedAt);
}
