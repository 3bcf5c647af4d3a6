using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Numbering.Catalogue;

/// <summary>The masks of a series in the order in which they were decided.</summary>
internal static class MasksOfSeries
{
    /// <summary>The mask of numbers in a period: the latest that holds from that period or an earlier one.</summary>
    public static async Task<NumberMask> InForceAsync(NumberingDbContext db, Series series, string period, CancellationToken cancel)
    {
        var changed = await db.SeriesMasks.AsNoTracking().Where(row => row.Series == series.Key && string.Compare(row.FromPeriod, period) <= 0)
            .OrderByDescending(row => row.Version).Select(row => row.Mask).FirstOrDefaultAsync(cancel);
        return Read(series, changed ?? series.Mask);
    }

    /// <summary>A stored mask.</summary>
    public static NumberMask Read(Series series, string mask) => NumberMask.Parse(mask, series.Reset, series.LetterType.Length > 0);

    /// <summary>All texts that a mask of the series could write.</summary>
    public static NumberPattern Pattern(Series series, NumberMask mask) =>
        NumberPattern.Of(mask, series.Direction, series.Unit.Length > 0 && !series.Subtree ? series.Unit : null, series.LetterType);
}
