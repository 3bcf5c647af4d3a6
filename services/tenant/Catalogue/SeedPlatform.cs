using Microsoft.EntityFrameworkCore;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Migrations;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Tenants;

namespace Tarasol.Tenants.Catalogue;

/// <summary>The platform is a tenant like others, but for its databases, whose places nobody has to ask for.</summary>
internal sealed class SeedPlatform(MultiTenancyDbContext db, CurrentTenant tenant, TimeProvider time) : ITenantSeed
{
    public async Task SeedAsync(CancellationToken cancel)
    {
        if (tenant.Slug != PlatformTenant.Slug || await db.Tenants.AnyAsync(known => known.Slug == PlatformTenant.Slug, cancel))
            return;
        var now = time.GetUtcNow();
        db.Add(new Tenant
        {
            Id = Guid.CreateVersion7(now),
            Slug = PlatformTenant.Slug,
            NameAr = "المنصة",
            NameEn = "Platform",
            Status = TenantStatus.Active,
            CreatedAt = now,
            ActivatedAt = now,
        });
        await db.SaveChangesAsync(cancel);
    }
}
