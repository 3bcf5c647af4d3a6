using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenancy;

/// <summary>The tenant that this scope (a request, an event, a piece of background work) belongs to. Set once.</summary>
public sealed class CurrentTenant
{
    private TenantEntry? entry;
    private string? connectionString;

    /// <summary>True once the tenant is known.</summary>
    public bool IsKnown => entry is not null;

    /// <summary>The tenant. Throws <see cref="InvalidOperationException"/> where no tenant is known: no work may touch data without one.</summary>
    public TenantEntry Entry => entry ?? throw new InvalidOperationException("No tenant is set in this scope.");

    /// <summary>The tenant's short name.</summary>
    public string Slug => Entry.Slug;

    /// <summary>Connection string of this service's database of the tenant.</summary>
    internal string ConnectionString => connectionString ?? throw new InvalidOperationException("No tenant is set in this scope.");

    internal void Set(TenantEntry tenant, string connection)
    {
        if (entry is not null && entry.Slug != tenant.Slug)
            throw new InvalidOperationException($"This scope belongs to tenant {entry.Slug} and cannot become {tenant.Slug}.");
        entry = tenant;
        connectionString = connection;
    }
}
