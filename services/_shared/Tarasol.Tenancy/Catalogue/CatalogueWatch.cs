using System.Net.Http.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tarasol.Tenancy.Catalogue;

/// <summary>
/// Asks the tenant service every few seconds which tenants changed, so that a suspended tenant is refused within seconds even where its event is late, was lost, or went to
/// another instance of this service.
/// </summary>
internal sealed class CatalogueWatch(IHttpClientFactory clients, ITenantCatalogue catalogue, TimeProvider time, ILogger<CatalogueWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    // The tenant service tells what changed within half a minute; whoever did not hear it for longer knows nothing for certain.
    private static readonly TimeSpan Certain = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (catalogue is not RemoteTenantCatalogue remote)
            return;
        var heard = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                var changed = await clients.CreateClient(RemoteTenantCatalogue.Client).GetFromJsonAsync<List<string>>(new Uri("internal/tenants/changed", UriKind.Relative), stoppingToken) ?? [];
                if (time.GetElapsedTime(heard) > Certain)
                    remote.ForgetAll();
                foreach (var slug in changed)
                    remote.Forget(slug);
                heard = time.GetTimestamp();
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogDebug("The tenant service does not tell what changed: {Reason}", failed.Message);
            }
        }
    }
}
