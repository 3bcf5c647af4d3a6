using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Numbering;
using Tarasol.Messaging;
using Tarasol.Numbering.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Register;

/// <summary>POST /api/numbering/voids: a number that was given does not count. It stays in the register with the reason, and with its letter; nobody gets it again.</summary>
public static class VoidGivenNumber
{
    public static readonly Problem NotGiven = new("number-not-given", 404, new("The number {0} was never given.", "الرقم {0} لم يُعط قط."));
    public static readonly Problem IsVoid = new("number-is-void", 409, new("The number {0} is void already.", "الرقم {0} ملغى من قبل."));

    private const string Operation = "void-number";

    /// <param name="ReferenceNumber">As it was given.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Request([Required, MaxLength(300)] string ReferenceNumber, [Required, MaxLength(1000)] string Reason);

    public sealed record Response(string ReferenceNumber, string Series, string Period, long Sequence, string Reason, string VoidedBy, DateTimeOffset VoidedAt);

    internal static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, NumberingDbContext db, RegisterChain chain, IOutbox outbox, CancellationToken cancel)
    {
        // Whether a number was given tells that a letter exists.
        if (!RegisterReader.May(user))
            return CommonProblems.Forbidden.Result();
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Allocations.AsNoTracking().FirstOrDefaultAsync(row => row.ReferenceNumber == request.ReferenceNumber, cancel) is not { } given
            || await chain.OpenAsync(given.Series, cancel) is not { } register)
            return NotGiven.Result(request.ReferenceNumber);
        if (await db.VoidNumbers.AsNoTracking().FirstOrDefaultAsync(row => row.ReferenceNumber == given.ReferenceNumber, cancel) is { } known)
            return await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is not null ? Answer(known) : IsVoid.Result(given.ReferenceNumber);

        var entry = await db.Entries.AsNoTracking().FirstAsync(row => row.Series == given.Series && row.Period == given.Period && row.Last == given.Sequence
            && (row.Kind == EntryKind.Allocated || row.Kind == EntryKind.Taken), cancel);
        var voided = new VoidNumber
        {
            ReferenceNumber = given.ReferenceNumber,
            Series = given.Series,
            Period = given.Period,
            Sequence = given.Sequence,
            Reason = request.Reason,
            VoidedBy = user.UserName(),
            VoidedAt = chain.Now,
        };
        db.Add(voided);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, given.LetterId, voided.VoidedAt);
        chain.Append(register, new()
        {
            Series = given.Series,
            Kind = EntryKind.Voided,
            Period = given.Period,
            First = given.Sequence,
            Last = given.Sequence,
            ReferenceNumber = given.ReferenceNumber,
            LetterId = entry.LetterId,
            BlockId = entry.BlockId,
            Text = voided.Reason,
            Actor = voided.VoidedBy,
            At = voided.VoidedAt,
        });
        outbox.Add(new NumberVoided(given.Series, given.Period, given.Sequence, given.Sequence, given.ReferenceNumber, entry.LetterId, entry.BlockId, voided.Reason, voided.VoidedAt));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return Answer(voided);

        static Created<Response> Answer(VoidNumber made) => TypedResults.Created(
            "/api/numbering/register", new Response(made.ReferenceNumber, made.Series, made.Period, made.Sequence, made.Reason, made.VoidedBy, made.VoidedAt));
    }
}
