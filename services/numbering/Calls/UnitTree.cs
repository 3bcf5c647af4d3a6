using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Caching.Memory;
using Tarasol.Messaging;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Calls;

/// <summary>The units of the directory. Throws ServiceAwayException when it does not answer.</summary>
public sealed class UnitTree(HttpClient http, CurrentTenant tenant, IMemoryCache cache)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    public sealed record Unit(Guid Id, string Code);

    /// <summary>Null: the tenant has no such unit.</summary>
    public async Task<Unit?> FindAsync(Guid id, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/units/{id}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Unit>(EventJson.Options, cancel);
    }

    /// <summary>Codes of a unit, the one above it, and so on to the root, as the directory said within the last half minute. A unit that it does not know is its own root.</summary>
    public async Task<IReadOnlyList<string>> AboveAsync(string code, CancellationToken cancel) =>
        (await cache.GetOrCreateAsync((typeof(UnitTree), tenant.Slug, code), async entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Kept;
            using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/units/by-code/{Uri.EscapeDataString(code)}/above").ForTenant(tenant.Slug);
            using var answer = await http.SendAsync(request, cancel);
            if (answer.StatusCode == HttpStatusCode.NotFound)
                return [code];
            return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<string>>(EventJson.Options, cancel);
        }))!;
}
