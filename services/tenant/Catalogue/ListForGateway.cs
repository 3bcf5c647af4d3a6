using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenants.Catalogue;

/// <summary>GET /internal/tenants/edge: what the gateway must know of the tenants: under which host names they are reached, and how much they may ask.</summary>
internal static class ListForGateway
{
    public sealed record Item(string Slug, int? RequestsPerMinute, IReadOnlyList<string> HostNames);

    public static async Task<Ok<List<Item>>> HandleAsync(PlatformScopes platform, CancellationToken cancel) => TypedResults.Ok(await platform.RunAsync(async db =>
    {
        var hosts = (await db.Hosts.AsNoTracking().ToListAsync(cancel)).ToLookup(host => host.Slug, host => host.Host);
        var tenants = await db.Tenants.AsNoTracking().Where(tenant => tenant.Status == TenantStatus.Active)
            .Select(tenant => new { tenant.Slug, tenant.RequestsPerMinute }).ToListAsync(cancel);
        // Most tenants have neither.
        return tenants.Where(tenant => tenant.RequestsPerMinute is not null || hosts.Contains(tenant.Slug))
            .Select(tenant => new Item(tenant.Slug, tenant.RequestsPerMinute, [.. hosts[tenant.Slug]])).ToList();
    }, cancel));
}
