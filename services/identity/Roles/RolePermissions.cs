using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Roles;

/// <summary>What a tenant's own roles allow: permissions that some service declares and that the one who composes the role has.</summary>
internal sealed class RolePermissions(AccountsDbContext db, PermissionCatalogue catalogue, CurrentTenant tenant)
{
    private static readonly Text Unknown = new("is not a permission of this platform: {0}", "ليست صلاحية معروفة في هذه المنصة: {0}");
    private static readonly Text NotOwn = new("you do not have this permission yourself: {0}", "لا تملك هذه الصلاحية بنفسك: {0}");

    /// <summary>Throws a problem that names those which cannot be given.</summary>
    public async Task CheckAsync(IReadOnlyList<string> permissions, ClaimsPrincipal caller, CancellationToken cancel)
    {
        var known = (await catalogue.ListAsync(cancel)).Where(each => !each.PlatformOnly || tenant.Slug == PlatformTenant.Slug).Select(each => each.Permission).ToHashSet();
        var errors = new Errors();
        foreach (var (index, permission) in permissions.Index())
        {
            if (!known.Contains(permission))
                errors.Add($"permissions[{index}]", Unknown.With(permission));
            else if (!caller.Has(permission))
                errors.Add($"permissions[{index}]", NotOwn.With(permission));
        }
        errors.ThrowIfAny();
    }

    /// <summary>Makes these the permissions of a role; the caller saves.</summary>
    public async Task SetAsync(ApplicationRole role, IReadOnlyList<string> permissions, CancellationToken cancel)
    {
        var held = await db.RoleClaims.Where(claim => claim.RoleId == role.Id && claim.ClaimType == TokenRules.PermissionClaim).ToListAsync(cancel);
        db.RemoveRange(held.Where(claim => !permissions.Contains(claim.ClaimValue!)));
        db.AddRange(permissions.Distinct().Except(held.Select(claim => claim.ClaimValue!)).Select(permission => new IdentityRoleClaim<Guid>
        {
            RoleId = role.Id,
            ClaimType = TokenRules.PermissionClaim,
            ClaimValue = permission,
        }));
    }
}
