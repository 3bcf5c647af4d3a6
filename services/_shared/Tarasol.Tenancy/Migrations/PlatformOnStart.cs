using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenancy.Migrations;

/// <summary>At start: the platform's own database first (health waits for it), then every active tenant's that is behind; each with what this release seeds.</summary>
internal sealed class PlatformOnStart(IServiceScopeFactory scopes, TenantScopes tenants, ITenantCatalogue catalogue, ServiceIdentity self, DatabasePlaces places, ILogger<PlatformOnStart> log)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private volatile Exception? trouble;
    private volatile bool ready;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        ready ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The platform's database is not ready.", trouble));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await RetryAsync("the platform's database", PlatformAsync, stoppingToken);
        ready = true;
        await RetryAsync("the databases of all tenants", TenantsAsync, stoppingToken);
    }

    private async Task PlatformAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        await tenants.ProvisionAsync(scope.ServiceProvider, places.Platform(self.AppId), cancel);
        await SeedAsync(scope.ServiceProvider, cancel);
    }

    private async Task TenantsAsync(CancellationToken cancel)
    {
        foreach (var slug in await catalogue.ListActiveAsync(cancel))
        {
            try
            {
                await tenants.RunAsync(slug, services => SeedAsync(services, cancel), cancel);
            }
            catch (Exception one) when (one is not OperationCanceledException)
            {
                // One broken database must not keep the others waiting; its own requests say what is wrong with it.
                log.LogError(one, "The database of tenant {Tenant} could not be brought up to date", slug);
            }
        }
    }

    private static async Task SeedAsync(IServiceProvider services, CancellationToken cancel)
    {
        foreach (var seed in services.GetServices<ITenantSeed>())
            await seed.SeedAsync(cancel);
    }

    private async Task RetryAsync(string what, Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await work(cancel);
                return;
            }
            catch (Exception failed) when (!cancel.IsCancellationRequested)
            {
                trouble = failed;
                log.LogWarning("Could not prepare {What} yet: {Reason}", what, failed.Message);
                await Task.Delay(Again, cancel);
            }
        }
    }
}
