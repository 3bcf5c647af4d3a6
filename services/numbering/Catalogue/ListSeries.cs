using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Catalogue;

/// <summary>GET /api/numbering/series?direction=&amp;cursor=&amp;limit=: all series, open and closed, by key.</summary>
public static class ListSeries
{
    public static async Task<Ok<Page<SeriesView>>> HandleAsync(string? direction, string? cursor, HttpRequest request, NumberingDbContext db, CancellationToken cancel)
    {
        var errors = new Errors();
        var limit = Paging.ReadLimit(request, errors);
        var wanted = WireEnum.Query<Direction>(direction, "direction", errors);
        if (!string.IsNullOrEmpty(cursor) && !Regex.IsMatch(cursor, CreateSeries.KeyForm))
            errors.Add("cursor", Paging.BadCursor);
        errors.ThrowIfAny();

        var rows = await db.Series.AsNoTracking().Where(series => (wanted == null || series.Direction == wanted) && string.Compare(series.Key, cursor ?? "") > 0)
            .OrderBy(series => series.Key).Take(limit + 1).ToListAsync(cancel);
        var keys = rows.Select(series => series.Key).ToList();
        var changes = (await db.SeriesMasks.AsNoTracking().Where(change => keys.Contains(change.Series)).ToListAsync(cancel)).ToLookup(change => change.Series);
        return TypedResults.Ok(new Page<SeriesView>([.. rows.Take(limit).Select(series => SeriesView.Of(series, changes[series.Key]))], rows.Count > limit ? rows[limit - 1].Key : null));
    }
}
