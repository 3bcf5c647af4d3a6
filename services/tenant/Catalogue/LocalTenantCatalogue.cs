using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Catalogue;

/// <summary>The truth about tenants, read from the catalogue's own database. Nothing is kept, so nothing can be out of date.</summary>
internal sealed class LocalTenantCatalogue(PlatformScopes platform, ServiceIdentity self, DatabasePlaces places) : ITenantCatalogue
{
    public Task<TenantEntry?> FindAsync(string slug, CancellationToken cancel) => FindAsync(slug, self.AppId, cancel);

    /// <summary>What a service must know of a tenant; null when there is no such tenant or it has no database for the service.</summary>
    public async Task<TenantEntry?> FindAsync(string slug, string service, CancellationToken cancel)
    {
        // Our own database of the platform is this catalogue: it cannot be looked up in itself.
        if (slug == PlatformTenant.Slug)
            return places.Platform(service);
        return await platform.RunAsync(async db => await (
                from tenant in db.Tenants
                join database in db.Databases on tenant.Slug equals database.Slug
                where tenant.Slug == slug && database.Service == service
                select new TenantEntry(slug, tenant.Status, new(database.Provider, database.Database, database.ServerSecret),
                    new(tenant.MaxUsers, tenant.MaxStorageBytes, tenant.RequestsPerMinute)))
            .FirstOrDefaultAsync(cancel), cancel);
    }

    public async Task<IReadOnlyList<string>> ListActiveAsync(CancellationToken cancel) => await platform.RunAsync(
        db => db.Tenants.Where(tenant => tenant.Status == TenantStatus.Active).OrderBy(tenant => tenant.Id).Select(tenant => tenant.Slug).ToListAsync(cancel), cancel);

    public void Forget(string slug)
    {
    }
}
