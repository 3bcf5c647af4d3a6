using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Users;

/// <summary>GET /api/identity/me: who the caller is, and what the token in hand allows.</summary>
public static class ReadMe
{
    public sealed record Response(
        Guid Id, string Tenant, string UserName, string DisplayNameAr, string DisplayNameEn,
        IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, int Clearance, Guid? UnitId);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(ClaimsPrincipal caller, CurrentTenant tenant, AccountsDbContext db, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        return TypedResults.Ok(new Response(
            user.Id, tenant.Slug, user.UserName!, user.DisplayNameAr, user.DisplayNameEn,
            [.. caller.FindAll(TokenRules.RoleClaim).Select(claim => claim.Value)],
            [.. caller.FindAll(TokenRules.PermissionClaim).Select(claim => claim.Value)],
            caller.Clearance(), user.UnitId));
    }
}
