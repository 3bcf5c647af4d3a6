using System.Net.Http.Json;
using Microsoft.Extensions.Caching.Memory;
using Tarasol.Messaging;
using Tarasol.Profiles.Own;
using Tarasol.Tenancy;

namespace Tarasol.Profiles.Calls;

/// <summary>What the tenant prefers, for people who have chosen nothing; as the tenant service said within the last minute.</summary>
public sealed class TenantDefaults(HttpClient http, CurrentTenant tenant, IMemoryCache cache)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    public sealed record Defaults(Language DefaultLanguage, Calendar Calendar);

    public async Task<Defaults> GetAsync(CancellationToken cancel) => (await cache.GetOrCreateAsync((typeof(TenantDefaults), tenant.Slug), async entry =>
    {
        entry.AbsoluteExpirationRelativeToNow = Kept;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/tenants/{tenant.Slug}/defaults").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Defaults>(EventJson.Options, cancel);
    }))!;
}
