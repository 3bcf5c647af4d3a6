using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tarasol.Tenants.Catalogue;

/// <summary>GET /internal/tenants/changed: slugs of the tenants whose status or settings changed within the last half minute, for services that keep what they know of tenants.</summary>
internal static class ListChangedTenants
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(30);

    public static async Task<Ok<List<string>>> HandleAsync(PlatformScopes platform, TimeProvider time, CancellationToken cancel)
    {
        var since = time.GetUtcNow() - Lately;
        return TypedResults.Ok(await platform.RunAsync(db => db.Tenants.Where(tenant => tenant.ChangedAt > since).Select(tenant => tenant.Slug).ToListAsync(cancel), cancel));
    }
}
