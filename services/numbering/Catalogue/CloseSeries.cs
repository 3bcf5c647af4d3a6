using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Numbering.Catalogue;

/// <summary>POST /api/numbering/series/{key}/close: no new numbers, for good; what was given and kept stays. The same again changes nothing. With If-Match only if the series has not changed since.</summary>
public static class CloseSeries
{
    internal static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> HandleAsync(
        string key, HttpContext context, ClaimsPrincipal user, NumberingDbContext db, RegisterChain chain, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await SeriesRules.LockAsync(db, cancel);
        if (await chain.OpenAsync(key, cancel) is not { } register)
            return SeriesRules.NotFound.Result(key);
        var series = register.Series;
        var changes = await db.SeriesMasks.AsNoTracking().Where(row => row.Series == key).ToListAsync(cancel);
        if (SeriesTag.IsOutdated(context, series, changes.Count))
            return CommonProblems.Changed.Result();
        if (series.ClosedAt is null)
        {
            (series.ClosedAt, series.ClosedKey) = (chain.Now, key);
            chain.Append(register, new() { Series = key, Kind = EntryKind.Closed, Actor = user.UserName(), At = chain.Now });
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        SeriesTag.Tell(context, series, changes.Count);
        return TypedResults.Ok(SeriesView.Of(series, changes));
    }
}
