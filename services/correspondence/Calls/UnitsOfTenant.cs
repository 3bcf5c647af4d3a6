using Microsoft.Extensions.Caching.Memory;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Calls;

/// <summary>The units of the directory.</summary>
public sealed class UnitsOfTenant(HttpClient http, CurrentTenant tenant, IMemoryCache cache)
{
    private static readonly TimeSpan TreeKept = TimeSpan.FromSeconds(30);

    public sealed record Unit(Guid Id, string Code);

    /// <summary>Null: the tenant has no such unit.</summary>
    public Task<Unit?> FindAsync(Guid id, CancellationToken cancel) => http.FindAsync<Unit>(tenant.Slug, $"internal/units/{id}", cancel);

    /// <summary>These units and all below them, as the directory said within the last half minute.</summary>
    public async Task<IReadOnlySet<Guid>> BelowAsync(IReadOnlyList<Guid> roots, CancellationToken cancel)
    {
        var all = new HashSet<Guid>();
        foreach (var root in roots)
            all.UnionWith((await cache.GetOrCreateAsync((typeof(UnitsOfTenant), tenant.Slug, root), async entry =>
            {
                entry.AbsoluteExpirationRelativeToNow = TreeKept;
                return await http.FindAsync<List<Guid>>(tenant.Slug, $"internal/units/{root}/below", cancel) ?? [];
            }))!);
        return all;
    }
}
