using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Roles;

/// <summary>GET /api/identity/roles</summary>
public static class ListRoles
{
    public sealed record Item(string Name, string NameAr, string NameEn, IReadOnlyList<string> Permissions, bool BuiltIn, bool MfaRequired);

    public static async Task<Ok<Page<Item>>> HandleAsync(Paging paging, AccountsDbContext db, CancellationToken cancel)
    {
        var rows = await db.Roles.AsNoTracking()
            .Where(role => paging.After == null || role.Id > paging.After)
            .OrderBy(role => role.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        var permissions = (await db.RoleClaims.AsNoTracking().Where(claim => claim.ClaimType == TokenRules.PermissionClaim).ToListAsync(cancel))
            .ToLookup(claim => claim.RoleId, claim => claim.ClaimValue!);
        return TypedResults.Ok(paging.Page(rows, role => role.Id, role => new Item(role.Name!, role.NameAr, role.NameEn, [.. permissions[role.Id].Order(StringComparer.Ordinal)],
            SeededRoles.Has(role.Name!), role.MfaRequired)));
    }
}
