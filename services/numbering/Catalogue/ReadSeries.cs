using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;

namespace Tarasol.Numbering.Catalogue;

/// <summary>GET /api/numbering/series/{key}, with its ETag.</summary>
public static class ReadSeries
{
    public static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> HandleAsync(string key, HttpContext context, NumberingDbContext db, CancellationToken cancel)
    {
        if (await db.Series.AsNoTracking().FirstOrDefaultAsync(row => row.Key == key, cancel) is not { } series)
            return SeriesRules.NotFound.Result(key);
        var changes = await db.SeriesMasks.AsNoTracking().Where(row => row.Series == key).ToListAsync(cancel);
        SeriesTag.Tell(context, series, changes.Count);
        return TypedResults.Ok(SeriesView.Of(series, changes));
    }
}
