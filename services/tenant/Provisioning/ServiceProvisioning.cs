using System.Text.Json;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.Tenancy;

namespace Tarasol.Tenants.Provisioning;

/// <summary>Asks the services, ours included, to make their database of a tenant.</summary>
internal sealed class ServiceProvisioning(HttpClient http, SidecarAddress sidecar)
{
    public async Task ProvisionAsync(string slug, string appId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sidecar.Invoke(appId), $"internal/tenancy/{slug}/provision")).ForTenant(slug);
        using var answer = await http.AskAsync(request, appId, HttpCompletionOption.ResponseContentRead, cancel);
        await answer.EnsureDoneAsync(appId, cancel);
    }
}

/// <summary>The answer of a service that could not do its part, in words for the operator.</summary>
internal sealed class StepFailedException(string message) : Exception(message);

internal static class StepAnswers
{
    /// <summary>Asks one of many services by the client that all of them share, so that the one which does not answer is called by its name.</summary>
    public static async Task<HttpResponseMessage> AskAsync(this HttpClient http, HttpRequestMessage request, string appId, HttpCompletionOption completion, CancellationToken cancel)
    {
        try
        {
            return await http.SendAsync(request, completion, cancel);
        }
        catch (ServiceAwayException)
        {
            throw new StepFailedException($"The service {appId} does not answer.");
        }
    }

    /// <summary>Throws <see cref="StepFailedException"/> with what the service said, unless it did what it was asked.</summary>
    public static async Task EnsureDoneAsync(this HttpResponseMessage answer, string appId, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
            throw new StepFailedException($"{appId} answered {(int)answer.StatusCode}: {Title(await answer.Content.ReadAsStringAsync(cancel))}");
    }

    // Of problem details the title is for people; sidecars answer in other forms.
    private static string Title(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("title", out var title) && title.GetString() is { } text
                ? text
                : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
