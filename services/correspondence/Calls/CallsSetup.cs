using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Messaging;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Calls;

/// <summary>What this service asks others, over Dapr invocation. All calls are about the current tenant and throw ServiceAwayException when the other side does not answer.</summary>
public static class CallsSetup
{
    private static readonly JsonSerializerOptions Json = EventJson.Options;

    public static void AddCalls(this IServiceCollection services)
    {
        services.AddServiceClient<UnitsOfTenant>("directory");
        services.AddServiceClient<Numbers>("numbering");
        services.AddServiceClient<People>("identity");
        services.AddServiceClient<WorkItems>("task");
    }

    /// <summary>Null: 404.</summary>
    internal static async Task<T?> FindAsync<T>(this HttpClient http, string tenant, string path, CancellationToken cancel) where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path).ForTenant(tenant);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>(Json, cancel);
    }

    /// <summary>Throws HttpRequestException with the other side's words when it refuses.</summary>
    internal static async Task<HttpResponseMessage> PostAsync<T>(this HttpClient http, string tenant, string path, T body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: Json) }.ForTenant(tenant);
        var answer = await http.SendAsync(request, cancel);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw new HttpRequestException($"{path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}", null, answer.StatusCode);
    }

    internal static async Task<T> ReadAsync<T>(this HttpResponseMessage answer, CancellationToken cancel) => (await answer.Content.ReadFromJsonAsync<T>(Json, cancel))!;
}
