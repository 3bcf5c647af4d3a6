using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Numbering;
using Tarasol.Messaging;
using Tarasol.Numbering.Calls;
using Tarasol.Numbering.Catalogue;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Numbers;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Blocks;

/// <summary>POST /api/numbering/blocks: keeps the next numbers of a series for use elsewhere; letters get those after them.</summary>
public static class ReserveBlock
{
    private const string Operation = "reserve-block";
    private static readonly Text NoSuchUnit = new("is not a unit of this organisation", "ليست وحدة في هذه الجهة");
    private static readonly Text NeedsUnit = new("is needed: numbers of this series show the unit", "مطلوب: أرقام هذه السلسلة تظهر الوحدة");
    private static readonly Text OtherUnit = new("is not a unit that this series is for", "ليست وحدة مخصصة لها هذه السلسلة");
    private static readonly Text BadDate = new("must be from 1900-04-30 to 2077-11-16", "يجب أن يكون من 1900-04-30 إلى 2077-11-16");

    /// <param name="Series">Key.</param>
    /// <param name="Count">How many numbers.</param>
    /// <param name="Purpose">What for.</param>
    /// <param name="UnitId">The unit that the numbers show; not needed where they show none, or where the series is for one unit.</param>
    /// <param name="Date">Its year is the period; none: today.</param>
    public sealed record Request(
        [Required, MaxLength(60)] string Series, [Range(1, 1000)] int Count, [Required, MaxLength(500)] string Purpose, Guid? UnitId = null, DateOnly? Date = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Date is { } date && !NumberMask.Supports(date))
                errors.Add("date", BadDate);
        }
    }

    internal static async Task<Results<Created<BlockView>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, NumberingDbContext db, RegisterChain chain, UnitTree units, IOutbox outbox, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        var unit = request.UnitId is { } unitId ? (await units.FindAsync(unitId, cancel))?.Code ?? throw Wrong(NoSuchUnit) : null;
        var above = unit is null ? [] : await units.AboveAsync(unit, cancel);

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await chain.OpenAsync(request.Series, cancel) is not { } register)
            return SeriesRules.NotFound.Result(request.Series);
        var series = register.Series;
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } before)
            return Answer(await db.Blocks.AsNoTracking().SingleAsync(known => known.Id == before, cancel));
        if (series.ClosedAt is not null)
            return SeriesRules.Closed.Result(series.Key);
        if (unit is not null && series.Unit.Length > 0 && above.ToList().IndexOf(series.Unit) is var distance && (distance < 0 || distance > 0 && !series.Subtree))
            throw Wrong(OtherUnit);

        var day = request.Date ?? DateOnly.FromDateTime(chain.Now.UtcDateTime);
        var period = NumberMask.YearOf(day, series.Reset);
        var mask = await MasksOfSeries.InForceAsync(db, series, period, cancel);
        if (unit is null && mask.ShowsUnit && (series.Unit.Length == 0 || series.Subtree))
            throw Wrong(NeedsUnit);
        var first = await chain.LastAsync(register, period, cancel) + 1;
        var block = new NumberBlock
        {
            Id = SortableId.Next(chain.Now),
            Series = series.Key,
            Period = period,
            First = first,
            Last = first + request.Count - 1,
            Next = first,
            Unit = unit ?? series.Unit,
            Day = RegisterChain.Day(day),
            Mask = mask.Text,
            Purpose = request.Purpose,
            ReservedBy = user.UserName(),
            ReservedAt = chain.Now,
        };
        var view = BlockView.Of(block, series);
        db.Add(block);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, block.Id, block.ReservedAt);
        chain.Append(register, new()
        {
            Series = series.Key,
            Kind = EntryKind.Reserved,
            Period = period,
            First = block.First,
            Last = block.Last,
            ReferenceNumber = view.FirstNumber,
            BlockId = block.Id,
            Unit = block.Unit,
            Day = block.Day,
            Text = block.Purpose,
            Actor = block.ReservedBy,
            At = block.ReservedAt,
        });
        outbox.Add(new BlockReserved(block.Id, block.Series, period, block.First, block.Last, view.FirstNumber, view.LastNumber, block.Purpose, block.ReservedAt));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return Answer(block);

        Created<BlockView> Answer(NumberBlock made) => TypedResults.Created($"/api/numbering/blocks/{made.Id}", BlockView.Of(made, series));

        static ProblemException Wrong(Text what) => new(Errors.Of("unitId", what.ToString()).Details());
    }
}
