using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tarasol.ServiceDefaults.Hosting;
using Yarp.ReverseProxy.Configuration;

namespace Tarasol.Gateway.Health;

/// <summary>
/// The gateway is healthy once every service is: it asks each through its sidecar. The services are those of TARASOL_SERVICES (what `mesh up` started),
/// else those of routes.json. An answer is kept for a second, so that probes cost the services nothing.
/// </summary>
internal sealed class MeshHealth(HttpClient http, SidecarAddress sidecar, IConfiguration configuration, IProxyConfigProvider routes, MeshHealthCache cache) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await cache.GetAsync(AskAsync, cancellationToken);

    private async Task<HealthCheckResult> AskAsync(CancellationToken cancel)
    {
        var answers = await Task.WhenAll(Services().Select(async service => (service, Healthy: await IsHealthyAsync(service, cancel))));
        var down = answers.Where(answer => !answer.Healthy).Select(answer => answer.service).ToList();
        return down.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"no answer from {string.Join(", ", down)}");
    }

    private IEnumerable<string> Services() =>
        (configuration["TARASOL_SERVICES"]?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? routes.GetConfig().Clusters.Select(cluster => cluster.ClusterId));

    private async Task<bool> IsHealthyAsync(string service, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(sidecar.Invoke(service), "healthz"), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }
}

/// <summary>The last answer, and one question at a time.</summary>
internal sealed class MeshHealthCache(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim gate = new(1, 1);
    private (HealthCheckResult Result, long At)? last;

    public async Task<HealthCheckResult> GetAsync(Func<CancellationToken, Task<HealthCheckResult>> ask, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (last is { } known && time.GetElapsedTime(known.At) < Fresh)
                return known.Result;
            var result = await ask(cancel);
            last = (result, time.GetTimestamp());
            return result;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();
}

internal static class MeshHealthSetup
{
    public static void AddMeshHealth(this IServiceCollection services)
    {
        services.AddSingleton<MeshHealthCache>();
        services.AddHttpClient<MeshHealth>(http => http.Timeout = TimeSpan.FromSeconds(2)).AddHttpMessageHandler<SidecarTokenHandler>();
        services.AddHealthChecks().AddCheck<MeshHealth>("services");
    }
}
