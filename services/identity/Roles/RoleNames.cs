using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Roles;

/// <summary>Finds the roles that a request names.</summary>
internal sealed class RoleNames(AccountsDbContext db, ILookupNormalizer names, CurrentTenant tenant)
{
    private static readonly Text Beyond = new("allows what you may not do yourself: {0}", "يسمح بما لا تملك صلاحيته: {0}");
    private static readonly Text NoSuchRole = new("is not a role here: {0}", "ليس دورا معروفا هنا: {0}");

    /// <summary>All of them; throws a problem that names those which are no roles of this tenant, or which allow what the caller may not: nobody gives away more than they have.</summary>
    public async Task<List<ApplicationRole>> FindAsync(IReadOnlyList<string> given, string field, ClaimsPrincipal caller, CancellationToken cancel)
    {
        var wanted = given.Select(names.NormalizeName).ToList();
        var roles = await db.Roles.Where(role => wanted.Contains(role.NormalizedName!)).ToListAsync(cancel);
        var ids = roles.Select(role => role.Id).ToList();
        var permissions = (await db.RoleClaims.AsNoTracking().Where(claim => claim.ClaimType == TokenRules.PermissionClaim && ids.Contains(claim.RoleId)).ToListAsync(cancel))
            .ToLookup(claim => claim.RoleId, claim => claim.ClaimValue!);
        var errors = new Errors();
        foreach (var (index, name) in wanted.Index())
        {
            if (roles.Find(known => known.NormalizedName == name) is not { } role)
                errors.Add(string.Format(CultureInfo.InvariantCulture, field, index), NoSuchRole.With(given[index]));
            // The platform's operators have the whole platform in their hands anyway, but not every permission of a tenant.
            else if (tenant.Slug != PlatformTenant.Slug && permissions[role.Id].FirstOrDefault(permission => !caller.Has(permission)) is { } beyond)
                errors.Add(string.Format(CultureInfo.InvariantCulture, field, index), Beyond.With(beyond));
        }
        errors.ThrowIfAny();
        return roles;
    }
}
