using Microsoft.Extensions.Caching.Memory;
using Tarasol.Delegations.Granting;
using Tarasol.Tenancy;

namespace Tarasol.Delegations.Calls;

/// <summary>The units of the directory.</summary>
public sealed class UnitsOfTenant(HttpClient http, CurrentTenant tenant, IMemoryCache cache)
{
    private static readonly TimeSpan TreeKept = TimeSpan.FromSeconds(30);

    public sealed record Unit(Guid Id, string Code);

    /// <summary>Null: the tenant has no such unit.</summary>
    public Task<Unit?> FindAsync(Guid id, CancellationToken cancel) => http.FindAsync<Unit>(tenant.Slug, $"internal/units/{id}", cancel);

    /// <summary>The units that each unit of these scopes stands for, as the directory said within the last half minute.</summary>
    public async Task<UnitSets> SetsAsync(IEnumerable<Scope> scopes, CancellationToken cancel)
    {
        var below = new Dictionary<Guid, IReadOnlySet<Guid>>();
        foreach (var root in scopes.SelectMany(scope => scope.Units).Where(unit => unit.Subtree).Select(unit => unit.UnitId).Distinct())
            below[root] = (await cache.GetOrCreateAsync((typeof(UnitsOfTenant), tenant.Slug, root), async entry =>
            {
                entry.AbsoluteExpirationRelativeToNow = TreeKept;
                return await http.FindAsync<HashSet<Guid>>(tenant.Slug, $"internal/units/{root}/below", cancel) ?? [];
            }))!;
        return new(below);
    }
}
