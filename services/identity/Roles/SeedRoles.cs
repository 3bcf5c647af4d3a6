using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Identity.Roles;

/// <summary>Brings the roles of a tenant to what this release says: new ones, names, permissions given and taken away.</summary>
internal sealed class SeedRoles(AccountsDbContext db, CurrentTenant tenant, ILookupNormalizer names) : ITenantSeed
{
    public async Task SeedAsync(CancellationToken cancel)
    {
        var known = await db.Roles.ToDictionaryAsync(role => role.Name!, cancel);
        var claims = await db.RoleClaims.Where(claim => claim.ClaimType == TokenRules.PermissionClaim).ToListAsync(cancel);
        foreach (var seeded in SeededRoles.Of(tenant.Slug))
        {
            if (!known.TryGetValue(seeded.Name, out var role))
            {
                role = new()
                {
                    Id = Guid.CreateVersion7(),
                    Name = seeded.Name,
                    NormalizedName = names.NormalizeName(seeded.Name),
                    NameAr = seeded.NameAr,
                    NameEn = seeded.NameEn,
                };
                db.Add(role);
            }
            (role.NameAr, role.NameEn) = (seeded.NameAr, seeded.NameEn);
            var given = claims.Where(claim => claim.RoleId == role.Id).ToList();
            db.RemoveRange(given.Where(claim => !seeded.Permissions.Contains(claim.ClaimValue!)));
            db.AddRange(seeded.Permissions.Except(given.Select(claim => claim.ClaimValue!)).Select(permission => new IdentityRoleClaim<Guid>
            {
                RoleId = role.Id,
                ClaimType = TokenRules.PermissionClaim,
                ClaimValue = permission,
            }));
        }
        await db.SaveChangesAsync(cancel);
    }
}
