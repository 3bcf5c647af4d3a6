using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Catalogue;

/// <summary>
/// PUT /api/numbering/series/{key}/mask: how the series' coming numbers look, from now on or from a coming year on. Numbers that were given stay as they are, and the sequence
/// goes on. The same again changes nothing. With If-Match only if the series has not changed since.
/// </summary>
public static class ChangeMask
{
    internal static readonly Text At = new("{0} (character {1})", "{0} (الحرف {1})");

    /// <param name="Mask">How its numbers look.</param>
    /// <param name="FromPeriod">The first year, of the series' calendar, in which it holds; none: from now on in every year.</param>
    public sealed record Request([Required, MaxLength(NumberMask.MaxLength)] string Mask, [RegularExpression("^[0-9]{4}$")] string? FromPeriod = null);

    internal static async Task<Results<Ok<SeriesView>, ProblemHttpResult>> HandleAsync(
        string key, Body<Request> body, HttpContext context, ClaimsPrincipal user, NumberingDbContext db, RegisterChain chain, CancellationToken cancel)
    {
        var request = body.Value;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await SeriesRules.LockAsync(db, cancel);
        if (await chain.OpenAsync(key, cancel) is not { } register)
            return SeriesRules.NotFound.Result(key);
        var series = register.Series;
        var changes = await db.SeriesMasks.Where(row => row.Series == key).OrderBy(row => row.Version).ToListAsync(cancel);
        if (SeriesTag.IsOutdated(context, series, changes.Count))
            return CommonProblems.Changed.Result();
        if (!NumberMask.TryParse(request.Mask, out var mask, out var wrong, series.Reset, series.LetterType.Length > 0))
            throw new ProblemException(Errors.Of("mask", At.With(wrong!.Message, wrong.Position + 1)).Details());
        var fromPeriod = request.FromPeriod ?? "";
        var last = changes.LastOrDefault();
        if ((last?.Mask ?? series.Mask, last?.FromPeriod ?? "") == (request.Mask, fromPeriod))
            return Answer();
        if (series.ClosedAt is not null)
            return SeriesRules.Closed.Result(key);
        if (await SeriesRules.CheckAsync(db, series, mask!, cancel) is { } collision)
            return collision;

        changes.Add(new() { Series = key, Version = changes.Count + 1, Mask = request.Mask, FromPeriod = fromPeriod, CreatedBy = user.UserName(), CreatedAt = chain.Now });
        db.Add(changes[^1]);
        chain.Append(register, new() { Series = key, Kind = EntryKind.MaskChanged, Period = fromPeriod, Text = request.Mask, Actor = user.UserName(), At = chain.Now });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return Answer();

        Ok<SeriesView> Answer()
        {
            SeriesTag.Tell(context, series, changes.Count);
            return TypedResults.Ok(SeriesView.Of(series, changes));
        }
    }
}
