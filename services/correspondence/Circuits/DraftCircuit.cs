using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Circuits;

/// <summary>POST /api/correspondence/circuits: a draft, which is the next version when there is a circuit with the code already.</summary>
public static class DraftCircuit
{
    private const string Operation = "draft-circuit";

    public sealed record Request(
        [Required, MaxLength(60), RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$")] string Code,
        [Required, MaxLength(200)] string NameAr,
        [Required, MaxLength(200)] string NameEn,
        [MinLength(1), MaxLength(30)] IReadOnlyList<CircuitStep> Steps);

    public sealed record Response(Guid Id, string Code, int Version);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, CorrespondenceDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await BeforeAsync() is { } before)
            return await AnswerAsync(before);

        var now = time.GetUtcNow();
        var circuit = new Circuit
        {
            Id = SortableId.Next(now),
            Code = request.Code,
            Version = (await db.Circuits.Where(row => row.Code == request.Code).MaxAsync(row => (int?)row.Version, cancel) ?? 0) + 1,
            State = CircuitState.Draft,
            NameAr = request.NameAr,
            NameEn = request.NameEn,
            Definition = Circuit.Write(request.Steps),
            DraftedBy = user.UserName(),
            DraftedAt = now,
        };
        db.Add(circuit);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, circuit.Id, now);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // The same request, or another draft of this circuit, at the same time.
            db.ChangeTracker.Clear();
            return await BeforeAsync() is { } first ? await AnswerAsync(first) : CommonProblems.Conflict.Result();
        }
        return await AnswerAsync(circuit.Id);

        Task<Guid?> BeforeAsync() => db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel);

        async Task<Created<Response>> AnswerAsync(Guid id)
        {
            var made = await db.Circuits.AsNoTracking().FirstAsync(row => row.Id == id, cancel);
            return TypedResults.Created($"/api/correspondence/circuits/{id}", new Response(id, made.Code, made.Version));
        }
    }
}
