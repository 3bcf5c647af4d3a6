using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Numbering.Catalogue;

/// <summary>A series as the API shows it.</summary>
/// <param name="Key">Names it in the register.</param>
/// <param name="Direction">Of the letters that it numbers.</param>
/// <param name="UnitCode">Null: of every unit.</param>
/// <param name="Subtree">True: also of the units below.</param>
/// <param name="LetterTypeCode">Null: of every type.</param>
/// <param name="Reset">With whose years the sequence begins again.</param>
/// <param name="Mask">How numbers looked at first.</param>
/// <param name="MaskChanges">How later ones look: the last that holds in a period decides.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ClosedAt">Null while it gives numbers.</param>
public sealed record SeriesView(
    string Key, Direction Direction, string? UnitCode, bool Subtree, string? LetterTypeCode, YearCalendar Reset, string Mask, IReadOnlyList<SeriesView.Change> MaskChanges,
    DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    /// <param name="Mask">How numbers look.</param>
    /// <param name="FromPeriod">Null: in every period.</param>
    /// <param name="CreatedBy">Who decided it.</param>
    /// <param name="CreatedAt">When.</param>
    public sealed record Change(string Mask, string? FromPeriod, string CreatedBy, DateTimeOffset CreatedAt);

    public static SeriesView Of(Series series, IEnumerable<SeriesMask> changes) => new(
        series.Key, series.Direction, OrNull(series.Unit), series.Subtree, OrNull(series.LetterType), series.Reset, series.Mask,
        [.. changes.OrderBy(change => change.Version).Select(change => new Change(change.Mask, OrNull(change.FromPeriod), change.CreatedBy, change.CreatedAt))],
        series.CreatedAt, series.ClosedAt);

    private static string? OrNull(string text) => text.Length > 0 ? text : null;
}
