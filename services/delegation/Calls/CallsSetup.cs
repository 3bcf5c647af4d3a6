using System.Net;
using System.Net.Http.Json;
using Tarasol.Messaging;
using Tarasol.Tenancy;

namespace Tarasol.Delegations.Calls;

/// <summary>What this service asks others, over Dapr invocation. All calls are about the current tenant and throw ServiceAwayException when the other side does not answer.</summary>
public static class CallsSetup
{
    public static void AddCalls(this IServiceCollection services)
    {
        services.AddServiceClient<PeopleOfTenant>("identity");
        services.AddServiceClient<UnitsOfTenant>("directory");
        services.AddServiceClient<LetterTypesOfTenant>("admin");
    }

    /// <summary>Null: 404.</summary>
    internal static async Task<T?> FindAsync<T>(this HttpClient http, string tenant, string path, CancellationToken cancel) where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path).ForTenant(tenant);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>(EventJson.Options, cancel);
    }
}
