using System.Net;
using System.Net.Http.Json;
using Tarasol.Messaging;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.Calls;

/// <summary>The units of the directory.</summary>
public sealed class Units(HttpClient http, CurrentTenant tenant)
{
    /// <param name="UserName">Who leads.</param>
    /// <param name="UnitId">Which unit.</param>
    /// <param name="ParentId">The unit above that one.</param>
    public sealed record Head(string UserName, Guid UnitId, Guid? ParentId);

    /// <summary>Who leads a unit, or the nearest one above that anybody leads: cleared, and somebody else than the person named. Null: nobody.</summary>
    public async Task<Head?> HeadAsync(Guid id, int clearance, string except, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/units/{id}/head?up=true&clearance={clearance}&except={Uri.EscapeDataString(except)}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Head>(EventJson.Options, cancel);
    }

    /// <summary>Codes of a unit and of those above it, the nearest first; the unit alone when the directory does not know it.</summary>
    public async Task<IReadOnlyList<string>> AboveAsync(string code, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/units/by-code/{Uri.EscapeDataString(code)}/above").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? [code] : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<string>>(EventJson.Options, cancel) ?? [code];
    }

    /// <summary>A unit and all below it; empty when there is no such unit.</summary>
    public async Task<IReadOnlyList<Guid>> BelowAsync(Guid id, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/units/{id}/below").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<Guid>>(EventJson.Options, cancel) ?? [];
    }
}
