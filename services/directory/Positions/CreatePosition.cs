using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Directories.Data;
using Tarasol.Directories.Units;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Directories.Positions;

/// <summary>POST /api/directory/positions: a post in a unit. The role <c>head</c> is there once in a unit.</summary>
public static class CreatePosition
{
    public static readonly Problem HeadThere = new("head-position-exists", 409, new("The unit has a position of head already.", "للوحدة منصب رئيس بالفعل."));
    private const string Operation = "create-position";
    private static readonly Text NoSuchUnit = new("is not an open unit of this organisation", "ليست وحدة قائمة في هذه الجهة");

    public sealed record Request(
        Guid UnitId,
        [Required, MaxLength(40), RegularExpression("^[a-z][a-z0-9-]*$")] string Role,
        [Required, MaxLength(200)] string TitleAr,
        [Required, MaxLength(200)] string TitleEn);

    public sealed record Response(Guid Id);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, UnitTree tree, DirectoryDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await BeforeAsync() is { } before)
            return Answer(before);
        if (await db.Units.FirstOrDefaultAsync(row => row.Id == request.UnitId && row.ClosedOn == null, cancel) is not { } unit)
        {
            Errors.Of("unitId", NoSuchUnit.ToString()).ThrowIfAny();
            return CommonProblems.NotFound.Result();
        }
        if (user.BranchesOf(Permissions.ManagePositions) is { } roots && !(await tree.BelowAsync(roots, cancel)).Contains(unit.Id))
            return CommonProblems.Forbidden.Result();
        if (request.Role == Position.Head)
        {
            if (await db.Positions.AnyAsync(row => row.UnitId == unit.Id && row.Role == Position.Head && row.ClosedOn == null, cancel))
                return await BeforeAsync() is { } same ? Answer(same) : HeadThere.Result();
            // Two heads at the same time: the second one fails at the save.
            unit.Version++;
        }
        var now = time.GetUtcNow();
        var position = new Position { Id = SortableId.Next(now), UnitId = unit.Id, Role = request.Role, TitleAr = request.TitleAr, TitleEn = request.TitleEn, CreatedAt = now };
        db.Add(position);
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, position.Id, now);
        outbox.Add(new PositionCreated(position.Id, position.UnitId, position.Role, position.TitleAr, position.TitleEn, now));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (key.Value is not null)
        {
            // Perhaps by the same request at the same time.
            db.ChangeTracker.Clear();
            if (await BeforeAsync() is not { } first)
                throw;
            return Answer(first);
        }
        return Answer(position.Id);

        Task<Guid?> BeforeAsync() => db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel);

        static Created<Response> Answer(Guid id) => TypedResults.Created($"/api/directory/positions/{id}", new Response(id));
    }
}
