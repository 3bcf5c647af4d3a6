namespace Tarasol.Tenancy.Catalogue;

/// <summary>The tenants of this deployment as this service sees them. The tenant service owns the truth; others ask it and keep the answer for a while.</summary>
public interface ITenantCatalogue
{
    /// <summary>Null: there is no such tenant.</summary>
    Task<TenantEntry?> FindAsync(string slug, CancellationToken cancel);

    /// <summary>Slugs of all active tenants, the platform's own included.</summary>
    Task<IReadOnlyList<string>> ListActiveAsync(CancellationToken cancel);

    /// <summary>What is kept of a tenant is out of date.</summary>
    void Forget(string slug);
}

/// <summary>The tenant that exists before all others: it holds the operators, and its databases are where <see cref="DatabasePlaces"/> says, so that nothing must be asked to find them.</summary>
public static class PlatformTenant
{
    /// <summary>Reserved slug.</summary>
    public const string Slug = "platform";
}
