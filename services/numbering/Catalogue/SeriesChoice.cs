using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Calls;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Numbering.Catalogue;

/// <summary>
/// The series that numbers a letter: of the open ones for its direction, its unit and its type, the one whose unit is nearest to the letter's, a series for just that unit
/// before one that is also for those below it, and at the same unit one for just the letter's type before one for all types. Series for every unit come last.
/// </summary>
internal sealed class SeriesChoice(NumberingDbContext db, UnitTree units)
{
    /// <summary>Null: there is none.</summary>
    public async Task<Series?> ForAsync(Direction direction, string unit, string? type, CancellationToken cancel)
    {
        var open = db.Series.AsNoTracking().Where(series => series.Direction == direction && series.ClosedKey == "" && (series.LetterType == "" || series.LetterType == type));
        var near = await open.Where(series => series.Unit == unit || series.Unit == "").ToListAsync(cancel);
        // Nothing is nearer than the unit itself.
        if (Of(near.Where(series => series.Unit.Length > 0), [unit], type) is { } own)
            return own;
        var above = await open.Where(series => series.Subtree).ToListAsync(cancel);
        return above.Count == 0 ? Of(near, [unit], type) : Of([.. near, .. above], await units.AboveAsync(unit, cancel), type);
    }

    /// <summary>The rule.</summary>
    /// <param name="open">Open series for the letter's direction.</param>
    /// <param name="units">Codes of the letter's unit, the one above it, and so on to the root.</param>
    /// <param name="type">Code of the letter's type; null: it has none.</param>
    public static Series? Of(IEnumerable<Series> open, IReadOnlyList<string> units, string? type) => open
        .Where(series => series.LetterType.Length == 0 || series.LetterType == type)
        .Select(series => (Series: series, Distance: Distance(series, units)))
        .Where(each => each.Distance is not null)
        .OrderBy(each => each.Distance).ThenBy(each => each.Series.Subtree).ThenByDescending(each => each.Series.LetterType.Length > 0)
        .Select(each => each.Series).FirstOrDefault();

    // Null: the series is not for the unit.
    private static int? Distance(Series series, IReadOnlyList<string> units)
    {
        if (series.Unit.Length == 0)
            return int.MaxValue;
        var at = units.ToList().IndexOf(series.Unit);
        return at == 0 || at > 0 && series.Subtree ? at : null;
    }
}
