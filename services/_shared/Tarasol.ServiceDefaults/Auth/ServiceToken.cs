using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Dapr.Client;
using Tarasol.ServiceDefaults.Hosting;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>This service's own access token for /internal routes of others: client credentials from the Dapr secret store, kept until shortly before it ends.</summary>
public sealed class ServiceToken(ServiceIdentity self, SidecarAddress sidecar, IHttpClientFactory clients, DaprClient dapr, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim gate = new(1, 1);
    private (string Token, DateTimeOffset Until) current;

    /// <summary>A token that lives at least another minute. Throws <see cref="HttpRequestException"/> when identity does not give one.</summary>
    public async ValueTask<string> GetAsync(CancellationToken cancel)
    {
        if (time.GetUtcNow() < current.Until)
            return current.Token;
        await gate.WaitAsync(cancel);
        try
        {
            if (time.GetUtcNow() < current.Until)
                return current.Token;
            var granted = await RequestAsync(cancel);
            current = (granted.AccessToken, time.GetUtcNow().AddSeconds(granted.ExpiresIn) - Margin);
            return current.Token;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<Granted> RequestAsync(CancellationToken cancel)
    {
        var name = $"client-{self.AppId}";
        var secret = await dapr.GetSecretAsync("secretstore", name, cancellationToken: cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sidecar.Invoke("identity"), "connect/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = self.AppId,
                ["client_secret"] = secret[name],
            }),
            Headers = { { TokenRules.TenantHeader, "platform" } },
        };
        using var answer = await clients.CreateClient(nameof(ServiceToken)).SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Granted>(cancel))!;
    }

    private sealed record Granted([property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);
}

/// <summary>Who this process is.</summary>
/// <param name="AppId">Dapr app-id, also the client id of its own token.</param>
public sealed record ServiceIdentity(string AppId);
