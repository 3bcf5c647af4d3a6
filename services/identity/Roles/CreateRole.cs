using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Roles;

/// <summary>POST /api/identity/roles: a role of the tenant's own.</summary>
public static class CreateRole
{
    public static readonly Problem NameTaken = new("role-name-taken", 409, new("There is already a role with the name {0}.", "يوجد دور بالاسم {0}."));
    private const string Operation = "create-role";

    public sealed record Request(
        [Required, MaxLength(100), RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$")] string Name,
        [Required, MaxLength(200)] string NameAr,
        [Required, MaxLength(200)] string NameEn,
        [MaxLength(500)] IReadOnlyList<string> Permissions,
        bool MfaRequired = false);

    public sealed record Response(Guid Id, string Name);

    internal static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal caller, AccountsDbContext db, RolePermissions permissions, ILookupNormalizer names, TimeProvider time,
        CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await BeforeAsync() is { } before)
            return Answer(before);
        await permissions.CheckAsync(request.Permissions, caller, cancel);
        var normalized = names.NormalizeName(request.Name);
        // Perhaps by the same request at the same time.
        if (await db.Roles.AsNoTracking().AnyAsync(other => other.NormalizedName == normalized, cancel))
            return await BeforeAsync() is { } same ? Answer(same) : NameTaken.Result(request.Name);

        var now = time.GetUtcNow();
        var role = new ApplicationRole
        {
            Id = SortableId.Next(now),
            Name = request.Name,
            NormalizedName = normalized,
            NameAr = request.NameAr,
            NameEn = request.NameEn,
            MfaRequired = request.MfaRequired,
        };
        db.Add(role);
        await permissions.SetAsync(role, request.Permissions, cancel);
        db.RequestKeys.Remember(key, caller.UserId(), Operation, hash, role.Id, now);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (db.Roles.AsNoTracking().Any(other => other.NormalizedName == normalized))
        {
            return await BeforeAsync() is { } first ? Answer(first) : NameTaken.Result(request.Name);
        }
        return Answer(role.Id);

        Task<Guid?> BeforeAsync() => db.RequestKeys.ResultAsync(key, caller.UserId(), Operation, hash, cancel);

        Created<Response> Answer(Guid id) => TypedResults.Created($"/api/identity/roles/{request.Name}", new Response(id, request.Name));
    }
}
