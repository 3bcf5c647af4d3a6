using Tarasol.ServiceDefaults.Hosting;
using Tarasol.Tenancy;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Archive;

/// <summary>Asks the services, ours included, for all that they keep of a tenant.</summary>
internal sealed class ServiceExports(HttpClient http, SidecarAddress sidecar)
{
    /// <summary>The answer is read as it comes.</summary>
    public async Task<T> ReadAsync<T>(string slug, string appId, Func<Stream, Task<T>> read, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sidecar.Invoke(appId), $"internal/tenancy/{slug}/export")).ForTenant(slug);
        using var answer = await http.AskAsync(request, appId, HttpCompletionOption.ResponseHeadersRead, cancel);
        await answer.EnsureDoneAsync(appId, cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        return await read(body);
    }
}
