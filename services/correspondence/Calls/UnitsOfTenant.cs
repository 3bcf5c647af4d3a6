using Microsoft.Extensions.Caching.Memory;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Calls;

/// <summary>The units of the directory.</summary>
public sealed class UnitsOfTenant(HttpClient http, CurrentTenant tenant, IMemoryCache cache)
{
    private static readonly TimeSpan TreeKept = TimeSpan.FromSeconds(30);

    /// <param name="Id">The unit.</param>
    /// <param name="Code">Its code.</param>
    /// <param name="InChargeId">Who does its work: itself, or when it is closed its successor.</param>
    public sealed record Unit(Guid Id, string Code, Guid? InChargeId = null);

    public sealed record Head(string UserName, Guid UnitId, int? Clearance);

    /// <summary>Null: the tenant has no such unit.</summary>
    public Task<Unit?> FindAsync(Guid id, CancellationToken cancel) => http.FindAsync<Unit>(tenant.Slug, $"internal/units/{id}", cancel);

    /// <summary>Who leads the unit, or its successor: somebody who is cleared up to a level. Null: nobody.</summary>
    public Task<Head?> HeadAsync(Guid id, int clearance, CancellationToken cancel) => http.FindAsync<Head>(tenant.Slug, $"internal/units/{id}/head?clearance={clearance}", cancel);

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
