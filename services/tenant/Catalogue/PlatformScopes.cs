using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Catalogue;

/// <summary>Work on the central catalogue outside a request of the platform's own: each piece in a scope of tenant <c>platform</c>.</summary>
internal sealed class PlatformScopes(IServiceScopeFactory scopes, ServiceIdentity self, DatabasePlaces places)
{
    public async Task<T> RunAsync<T>(Func<IServiceProvider, MultiTenancyDbContext, Task<T>> work, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        // Taken here and not in the constructor: entering tenants by name needs the catalogue, which needs us.
        await scope.ServiceProvider.GetRequiredService<TenantScopes>().EnterAsync(scope.ServiceProvider, places.Platform(self.AppId), cancel);
        return await work(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<MultiTenancyDbContext>());
    }

    public Task<T> RunAsync<T>(Func<MultiTenancyDbContext, Task<T>> work, CancellationToken cancel) => RunAsync((_, db) => work(db), cancel);
}
