using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Directories.Units;

/// <summary>POST /api/directory/units; there from today on unless another first day is named.</summary>
public static class CreateUnit
{
    public static readonly Problem CodeTaken = new("unit-code-taken", 409, new("There is already a unit with the code {0}.", "توجد وحدة بالرمز {0}."));
    private const string Operation = "create-unit";
    private static readonly Text NoSuchUnit = new("is not an open unit of this organisation", "ليست وحدة قائمة في هذه الجهة");

    public sealed record Request(
        [Required, MaxLength(40), RegularExpression("^[A-Za-z0-9\\u0600-\\u06FF-]+$")] string Code,
        [Required, MaxLength(200)] string NameAr,
        [Required, MaxLength(200)] string NameEn,
        Guid? ParentId = null,
        DateOnly? OpenedOn = null);

    public sealed record Response(Guid Id);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, UnitTree tree, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await BeforeAsync() is { } before)
            return Answer(before);
        if (request.ParentId is { } parent && !await db.Units.AnyAsync(unit => unit.Id == parent && unit.ClosedOn == null, cancel))
            Errors.Of("parentId", NoSuchUnit.ToString()).ThrowIfAny();
        // A role for some units only adds below those; a root belongs to none of them.
        if (user.BranchesOf(Permissions.CreateUnit) is { } roots && (request.ParentId is not { } above || !(await tree.BelowAsync(roots, cancel)).Contains(above)))
            return CommonProblems.Forbidden.Result();
        if (await db.Units.AnyAsync(unit => unit.Code == request.Code, cancel))
            // Perhaps by the same request at the same time.
            return await BeforeAsync() is { } same ? Answer(same) : CodeTaken.Result(request.Code);

        var unit = new Unit
        {
            Id = Guid.CreateVersion7(),
            Code = request.Code,
            NameAr = request.NameAr,
            NameEn = request.NameEn,
            ParentId = request.ParentId,
            CreatedAt = time.GetUtcNow(),
            OpenedOn = request.OpenedOn ?? tree.Today,
        };
        db.Add(unit);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, unit.Id, unit.CreatedAt);
        outbox.Add(new UnitCreated(unit.Id, unit.Code, unit.NameAr, unit.NameEn, unit.ParentId, unit.CreatedAt));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (db.Units.AsNoTracking().Any(other => other.Code == request.Code && other.Id != unit.Id))
        {
            // Perhaps by the same request at the same time.
            return await BeforeAsync() is { } first ? Answer(first) : CodeTaken.Result(request.Code);
        }
        return Answer(unit.Id);

        Task<Guid?> BeforeAsync() => db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel);

        static Created<Response> Answer(Guid id) => TypedResults.Created($"/api/directory/units/{id}", new Response(id));
    }
}
