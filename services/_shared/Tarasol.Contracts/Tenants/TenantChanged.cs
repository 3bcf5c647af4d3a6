namespace Tarasol.Contracts.Tenants;

/// <summary>Names, host names, limits or defaults of a tenant changed.</summary>
public sealed record TenantChanged(string Slug, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "tenant.tenant-changed.v1";

    string IEvent.Subject => Slug;
}
