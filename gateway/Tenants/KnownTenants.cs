using System.Collections.Frozen;
using System.Net.Http.Headers;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Hosting;

namespace Tarasol.Gateway.Tenants;

/// <summary>What the tenant service says of host names and limits, asked every few seconds. While it does not answer, what it said last holds.</summary>
internal sealed class KnownTenants(IHttpClientFactory clients, ServiceToken token, SidecarAddress sidecar, TimeProvider time, ILogger<KnownTenants> log) : BackgroundService
{
    public const string Client = "known-tenants";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private volatile Snapshot known = new([]);

    /// <summary>Requests of all people of a tenant together; null: no limit.</summary>
    public int? RequestsPerMinute(string slug) => known.Rates.TryGetValue(slug, out var rate) ? rate : null;

    /// <summary>The tenant that is reached under a host name; null: none.</summary>
    public string? ByHost(string host) => known.Hosts.GetValueOrDefault(host);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                known = new(await AskAsync(stoppingToken));
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogDebug("The tenant service does not tell the limits of tenants: {Reason}", failed.Message);
            }
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<Item>> AskAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Invoke("tenant"), "internal/tenants/edge"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token.GetAsync(cancel));
        using var answer = await clients.CreateClient(Client).SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<Item>>(cancel) ?? [];
    }

    private sealed record Item(string Slug, int? RequestsPerMinute, IReadOnlyList<string> HostNames);

    private sealed class Snapshot(List<Item> items)
    {
        public FrozenDictionary<string, int> Rates { get; } =
            items.Where(item => item.RequestsPerMinute is not null).ToFrozenDictionary(item => item.Slug, item => item.RequestsPerMinute!.Value, StringComparer.Ordinal);

        public FrozenDictionary<string, string> Hosts { get; } =
            items.SelectMany(item => item.HostNames, (item, host) => (host, item.Slug)).ToFrozenDictionary(pair => pair.host, pair => pair.Slug, StringComparer.OrdinalIgnoreCase);
    }
}

internal static class KnownTenantsSetup
{
    public static void AddKnownTenants(this IServiceCollection services)
    {
        services.AddHttpClient(KnownTenants.Client, http => http.Timeout = TimeSpan.FromSeconds(5)).AddHttpMessageHandler<SidecarTokenHandler>();
        services.AddSingleton<KnownTenants>();
        services.AddHostedService(provider => provider.GetRequiredService<KnownTenants>());
    }
}
