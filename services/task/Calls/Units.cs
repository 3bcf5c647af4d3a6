using System.Net;
using System.Net.Http.Json;
using Tarasol.Messaging;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.Calls;

/// <summary>The units of the directory.</summary>
public sealed class Units(HttpClient http, CurrentTenant tenant)
{
    public sealed record Unit(Guid Id, Guid? ParentId = null);

    /// <summary>Null: the tenant has no such unit.</summary>
    public async Task<Unit?> FindAsync(Guid id, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/units/{id}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Unit>(EventJson.Options, cancel);
    }

    /// <summary>A unit and all below it; empty when there is no such unit.</summary>
    public async Task<IReadOnlyList<Guid>> BelowAsync(Guid id, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/units/{id}/below").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<Guid>>(EventJson.Options, cancel) ?? [];
    }
}
