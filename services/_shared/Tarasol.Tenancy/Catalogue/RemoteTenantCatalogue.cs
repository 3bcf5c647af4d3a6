using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tenancy.Catalogue;

/// <summary>Asks the tenant service by Dapr invocation and keeps what it said for a minute, or until an event says otherwise.</summary>
internal sealed class RemoteTenantCatalogue(IHttpClientFactory clients, ServiceIdentity self, DatabasePlaces places, IMemoryCache cache, IOptions<JsonOptions> json) : ITenantCatalogue
{
    /// <summary>Name of the HTTP client that reaches the tenant service.</summary>
    public const string Client = "tenant-catalogue";

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UnknownKept = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, int> forgotten = new(StringComparer.Ordinal);
    private int generation;

    public async Task<TenantEntry?> FindAsync(string slug, CancellationToken cancel)
    {
        if (slug == PlatformTenant.Slug)
            return places.Platform(self.AppId);
        // The name comes from outside, and would be a part of the address below.
        if (!TenantSlug.IsOne(slug))
            return null;
        if (cache.TryGetValue(Key(slug), out TenantEntry? kept))
            return kept;
        var before = forgotten.GetValueOrDefault(slug);

        using var answer = await clients.CreateClient(Client).GetAsync(
            new Uri($"internal/tenants/{Uri.EscapeDataString(slug)}/databases/{self.AppId}", UriKind.Relative), cancel);
        var entry = answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<TenantEntry>(json.Value.SerializerOptions, cancel);
        // Never kept while provisioning: whoever sees that the tenant became active may use every service at once.
        // Nor an answer that was overtaken by a change.
        if (entry is not { Status: TenantStatus.Provisioning } && before == forgotten.GetValueOrDefault(slug))
            cache.Set(Key(slug), entry, entry is { Status: TenantStatus.Active } ? Kept : UnknownKept);
        return entry;
    }

    public async Task<IReadOnlyList<string>> ListActiveAsync(CancellationToken cancel) =>
        await clients.CreateClient(Client).GetFromJsonAsync<List<string>>(new Uri("internal/tenants", UriKind.Relative), json.Value.SerializerOptions, cancel) ?? [];

    public void Forget(string slug)
    {
        forgotten.AddOrUpdate(slug, 1, (_, count) => count + 1);
        cache.Remove(Key(slug));
    }

    /// <summary>Everything that is kept may be out of date.</summary>
    public void ForgetAll() => Interlocked.Increment(ref generation);

    private (Type, int, string) Key(string slug) => (typeof(TenantEntry), Volatile.Read(ref generation), slug);
}
