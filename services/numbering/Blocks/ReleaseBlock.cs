using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Numbering;
using Tarasol.Messaging;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Numbering.Blocks;

/// <summary>POST /api/numbering/blocks/{id}/release: what is left of a block becomes void, so that no gap stays unexplained. The same again changes nothing.</summary>
public static class ReleaseBlock
{
    /// <param name="Reason">Why.</param>
    public sealed record Request([Required, MaxLength(1000)] string Reason);

    internal static async Task<Results<Ok<BlockView>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, NumberingDbContext db, RegisterChain chain, IOutbox outbox, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Blocks.AsNoTracking().Where(known => known.Id == id).Select(known => known.Series).FirstOrDefaultAsync(cancel) is not { } key
            || await chain.OpenAsync(key, cancel) is not { } register)
            return CommonProblems.NotFound.Result();
        var block = await db.Blocks.SingleAsync(known => known.Id == id, cancel);
        if (block.ReleasedAt is null)
        {
            block.ReleasedAt = chain.Now;
            if (block.Next <= block.Last)
                VoidRest(block, register, body.Value.Reason);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        return TypedResults.Ok(BlockView.Of(block, register.Series));

        void VoidRest(NumberBlock rest, OpenRegister open, string reason)
        {
            var number = rest.Number(open.Series, rest.Next);
            chain.Append(open, new()
            {
                Series = rest.Series,
                Kind = EntryKind.Released,
                Period = rest.Period,
                First = rest.Next,
                Last = rest.Last,
                ReferenceNumber = number,
                BlockId = rest.Id,
                Unit = rest.Unit,
                Day = rest.Day,
                Text = reason,
                Actor = user.UserName(),
                At = chain.Now,
            });
            outbox.Add(new NumberVoided(rest.Series, rest.Period, rest.Next, rest.Last, number, null, rest.Id, reason, chain.Now));
        }
    }
}
