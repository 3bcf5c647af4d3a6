using Microsoft.EntityFrameworkCore;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Provisioning;

/// <summary>At start: a service that joined the platform later gets its databases of the tenants that are there.</summary>
internal sealed class JoinedServices(MultiTenancyDbContext db, CurrentTenant tenant, ServiceList services, DatabasePlaces standard, TimeProvider time) : Tarasol.Tenancy.Migrations.ITenantSeed
{
    public async Task SeedAsync(CancellationToken cancel)
    {
        if (tenant.Slug != PlatformTenant.Slug)
            return;
        var tenants = await db.Tenants.Where(row => row.Slug != PlatformTenant.Slug && row.Status != TenantStatus.Archived).Select(row => row.Slug).ToListAsync(cancel);
        var known = (await db.Databases.AsNoTracking().ToListAsync(cancel)).ToLookup(database => database.Slug);
        foreach (var slug in tenants)
        {
            // On the server where the tenant's others are.
            var places = known[slug].FirstOrDefault() is { } other ? new DatabasePlaces(other.Provider, other.ServerSecret) : standard;
            foreach (var missing in services.AppIds.Except(known[slug].Select(database => database.Service)))
            {
                db.Add(TenantDatabase.At(places, slug, missing));
                db.Add(new ProvisioningStep { Slug = slug, Name = missing, NextAttemptAt = time.GetUtcNow() });
            }
        }
        await db.SaveChangesAsync(cancel);
    }
}
