using OpenIddict.Abstractions;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Tokens;

/// <summary>Deletes tokens and grants that are of no use any more, tenant by tenant. An unknown token is refused as an expired one is.</summary>
internal sealed class PruneTokens(TenantScopes tenants, ITenantCatalogue catalogue, TimeProvider time, ILogger<PruneTokens> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // Redeemed refresh tokens stay for a while: one that comes again ends its family.
    private static readonly TimeSpan KeptAtLeast = TimeSpan.FromDays(1);

    /// <summary>Prunes one tenant's.</summary>
    public Task PruneAsync(string tenant, CancellationToken cancel) => tenants.RunAsync(tenant, async services =>
    {
        var before = time.GetUtcNow() - KeptAtLeast;
        var tokens = await services.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, cancel);
        var grants = await services.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, cancel);
        if (tokens + grants > 0)
            log.LogInformation("Pruned {Tokens} tokens and {Grants} grants of tenant {Tenant}", tokens, grants, tenant);
    }, cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryAsync("all tenants", async () =>
            {
                foreach (var tenant in await catalogue.ListActiveAsync(stoppingToken))
                    await TryAsync(tenant, () => PruneAsync(tenant, stoppingToken), stoppingToken);
            }, stoppingToken);
        }
    }

    private async Task TryAsync(string whose, Func<Task> prune, CancellationToken cancel)
    {
        try
        {
            await prune();
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning(failed, "Old tokens of {Whose} could not be pruned; the next round tries again", whose);
        }
    }
}
