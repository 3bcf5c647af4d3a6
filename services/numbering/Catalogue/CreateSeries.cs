using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Calls;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Numbers;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Catalogue;

/// <summary>POST /api/numbering/series: a new run of numbers. From now on it numbers the letters for which it is the nearest series; see <see cref="SeriesChoice"/>.</summary>
public static class CreateSeries
{
    public static readonly Problem KeyTaken = new("series-key-taken", 409, new("There is already a series {0}.", "توجد سلسلة باسم {0}."));
    public static readonly Problem SameLetters = new("series-for-same-letters", 409, new(
        "The open series {0} is for the same letters: direction, unit and type. Close it first, or change its mask.",
        "السلسلة المفتوحة {0} مخصصة للخطابات نفسها: الاتجاه والوحدة والنوع. أغلقها أولا أو غيّر قناعها."));

    private const string Operation = "create-series";
    private static readonly Text NoSuchUnit = new("is not a unit of this organisation", "ليست وحدة في هذه الجهة");
    private static readonly Text NeedsUnit = new("needs a unitId", "يلزم معه unitId");

    /// <summary>How the key of a series looks.</summary>
    internal const string KeyForm = "^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$";

    /// <param name="Key">Names the series, for good.</param>
    /// <param name="Direction">Of the letters that it numbers.</param>
    /// <param name="Mask">How its numbers look.</param>
    /// <param name="Reset">With whose years the sequence begins again.</param>
    /// <param name="UnitId">Of which unit's letters; none: of every unit.</param>
    /// <param name="Subtree">Also of the units below.</param>
    /// <param name="LetterTypeCode">Of which type; none: of every type.</param>
    public sealed record Request(
        [Required, MaxLength(60), RegularExpression(KeyForm)] string Key,
        Direction Direction,
        [Required, MaxLength(NumberMask.MaxLength)] string Mask,
        YearCalendar Reset = YearCalendar.Gregorian,
        Guid? UnitId = null,
        bool Subtree = false,
        [MinLength(1), MaxLength(40), RegularExpression(AllocateNumber.Code)] string? LetterTypeCode = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (!NumberMask.TryParse(Mask, out _, out var wrong, Reset, LetterTypeCode is not null))
                errors.Add("mask", ChangeMask.At.With(wrong!.Message, wrong.Position + 1));
            if (Subtree && UnitId is null)
                errors.Add("subtree", NeedsUnit);
        }
    }

    internal static async Task<Results<Created<SeriesView>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, HttpContext context, ClaimsPrincipal user, NumberingDbContext db, RegisterChain chain, UnitTree units, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        var unit = request.UnitId is { } id ? await units.FindAsync(id, cancel) : null;
        if (request.UnitId is not null && unit is null)
            Errors.Of("unitId", NoSuchUnit.ToString()).ThrowIfAny();

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await SeriesRules.LockAsync(db, cancel);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is not null)
            return await AnswerAsync(await db.Series.AsNoTracking().SingleAsync(row => row.Key == request.Key, cancel));
        var series = new Series
        {
            Key = request.Key,
            Direction = request.Direction,
            Unit = unit?.Code ?? "",
            Subtree = request.Subtree,
            LetterType = request.LetterTypeCode ?? "",
            Reset = request.Reset,
            Mask = request.Mask,
            CreatedAt = chain.Now,
        };
        if (await db.Series.AnyAsync(row => row.Key == series.Key, cancel))
            return KeyTaken.Result(series.Key);
        var same = await db.Series.AsNoTracking().FirstOrDefaultAsync(row => row.Direction == series.Direction && row.Unit == series.Unit && row.Subtree == series.Subtree
            && row.LetterType == series.LetterType && row.ClosedKey == "", cancel);
        if (same is not null)
            return SameLetters.Result(same.Key);
        if (await SeriesRules.CheckAsync(db, series, MasksOfSeries.Read(series, series.Mask), cancel) is { } collision)
            return collision;

        db.Add(series);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, Guid.Empty, series.CreatedAt);
        await db.SaveChangesAsync(cancel);
        await chain.OpenAsync(series.Key, cancel, user.UserName());
        await transaction.CommitAsync(cancel);
        return await AnswerAsync(series);

        async Task<Created<SeriesView>> AnswerAsync(Series made)
        {
            var changes = await db.SeriesMasks.AsNoTracking().Where(row => row.Series == made.Key).ToListAsync(cancel);
            SeriesTag.Tell(context, made, changes.Count);
            return TypedResults.Created($"/api/numbering/series/{made.Key}", SeriesView.Of(made, changes));
        }
    }
}
