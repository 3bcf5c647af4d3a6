using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Numbering;
using Tarasol.Messaging;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Numbers;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Blocks;

/// <summary>
/// POST /api/numbering/blocks/{id}/take: the next number of a block, for a letter that has none yet or for what is on paper only. The same letter again gets the same number.
/// </summary>
public static class TakeNumber
{
    public static readonly Problem UsedUp = new("block-used-up", 409, new("The block has no numbers left.", "لم يبق في المجموعة أرقام."));
    public static readonly Problem HasNumber = new("letter-has-number", 409, new("The letter has a number already.", "للخطاب رقم سابق."));

    private const string Operation = "take-number";
    private static readonly Text NeedsOne = new("a letterId or a note is needed: what the number is used for", "يلزم letterId أو note: ما الذي استخدم له الرقم");
    private static readonly Text NoLetter = new("must not be empty", "يجب ألا يكون فارغا");

    /// <param name="LetterId">The letter that gets the number; none: it is used on paper.</param>
    /// <param name="Note">What it is used for.</param>
    public sealed record Request(Guid? LetterId = null, [MaxLength(1000)] string? Note = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (LetterId == Guid.Empty)
                errors.Add("letterId", NoLetter);
            if (LetterId is null && string.IsNullOrWhiteSpace(Note))
                errors.Add("note", NeedsOne);
        }
    }

    public sealed record Response(string ReferenceNumber, string Series, string Period, long Sequence);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, NumberingDbContext db, RegisterChain chain, IOutbox outbox, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(new { id, request });
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Blocks.AsNoTracking().Where(known => known.Id == id).Select(known => known.Series).FirstOrDefaultAsync(cancel) is not { } seriesKey
            || await chain.OpenAsync(seriesKey, cancel) is not { } register)
            return CommonProblems.NotFound.Result();
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } before)
            return Answer(await db.Allocations.AsNoTracking().SingleAsync(given => given.LetterId == before, cancel));
        // Read under the lock of the series.
        var block = await db.Blocks.SingleAsync(known => known.Id == id, cancel);
        if (request.LetterId is { } letter && await db.Allocations.AsNoTracking().FirstOrDefaultAsync(given => given.LetterId == letter, cancel) is { } has)
            return has.Series == block.Series && has.Period == block.Period && has.Sequence >= block.First && has.Sequence <= block.Last ? Answer(has) : HasNumber.Result();
        if (block.ReleasedAt is not null || block.Next > block.Last)
            return UsedUp.Result();

        var allocation = new Allocation
        {
            LetterId = request.LetterId ?? Guid.CreateVersion7(),
            Series = block.Series,
            Period = block.Period,
            Sequence = block.Next,
            ReferenceNumber = block.Number(register.Series, block.Next),
            AllocatedAt = chain.Now,
        };
        block.Next++;
        db.Add(allocation);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, allocation.LetterId, allocation.AllocatedAt);
        chain.Append(register, new()
        {
            Series = block.Series,
            Kind = EntryKind.Taken,
            Period = block.Period,
            First = allocation.Sequence,
            Last = allocation.Sequence,
            ReferenceNumber = allocation.ReferenceNumber,
            LetterId = request.LetterId,
            BlockId = block.Id,
            Unit = block.Unit,
            Day = block.Day,
            Text = request.Note ?? "",
            Actor = user.UserName(),
            At = allocation.AllocatedAt,
        });
        if (request.LetterId is { } owner)
            outbox.Add(new NumberAllocated(owner, block.Series, block.Period, allocation.Sequence, allocation.ReferenceNumber, allocation.AllocatedAt));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return Answer(allocation);

        static Ok<Response> Answer(Allocation given) => TypedResults.Ok(new Response(given.ReferenceNumber, given.Series, given.Period, given.Sequence));
    }
}
