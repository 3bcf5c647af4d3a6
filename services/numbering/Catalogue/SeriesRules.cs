using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Numbers;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Numbering.Catalogue;

/// <summary>What holds among all series of a tenant, open and closed: no two of them could ever write the same number.</summary>
internal static class SeriesRules
{
    public static readonly Problem NotFound = new("series-not-found", 404, new("There is no number series {0}.", "لا توجد سلسلة ترقيم باسم {0}."));
    public static readonly Problem Closed = new("series-closed", 409, new("The series {0} is closed.", "السلسلة {0} مغلقة."));
    public static readonly Problem Collides = new("mask-collides", 409, new(
        "The mask could write a number that series {0} could write as well, for example {1}. Make the fixed text of the masks differ.",
        "قد ينتج القناع رقما يمكن أن تنتجه السلسلة {0} أيضا، مثل {1}. اجعل النص الثابت في القناعين مختلفا."));
    public static readonly Problem CollidesWithItself = new("mask-collides-with-earlier", 409, new(
        "The mask could write a number that the series' earlier mask {0} could write at another place, for example {1}. Change the fixed text as well, or the width only.",
        "قد ينتج القناع رقما ينتجه القناع السابق {0} للسلسلة في موضع آخر، مثل {1}. غيّر النص الثابت أيضا أو العرض فقط."));

    /// <summary>Waits until nobody else changes the tenant's series, and keeps others waiting until the commit.</summary>
    public static async Task LockAsync(NumberingDbContext db, CancellationToken cancel)
    {
        if (await db.CatalogueLocks.ExecuteUpdateAsync(set => set.SetProperty(row => row.Version, row => row.Version + 1), cancel) != 1)
            throw new InvalidOperationException("The row of catalogue_lock is missing: the series cannot be changed before it is restored.");
    }

    /// <summary>Null: the mask goes well with all masks that there are and were.</summary>
    public static async Task<Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult?> CheckAsync(NumberingDbContext db, Series series, NumberMask mask, CancellationToken cancel)
    {
        var changes = (await db.SeriesMasks.AsNoTracking().ToListAsync(cancel)).ToLookup(change => change.Series, change => change.Mask);
        var pattern = MasksOfSeries.Pattern(series, mask);
        foreach (var other in await db.Series.AsNoTracking().ToListAsync(cancel))
        {
            foreach (var known in changes[other.Key].Prepend(other.Mask).Select(text => MasksOfSeries.Read(other, text)))
            {
                if (other.Key == series.Key && known.IsLike(mask) || NumberPattern.Common(pattern, MasksOfSeries.Pattern(other, known)) is not { } example)
                    continue;
                return other.Key == series.Key ? CollidesWithItself.Result(known.Text, example) : Collides.Result(other.Key, example);
            }
        }
        return null;
    }
}
