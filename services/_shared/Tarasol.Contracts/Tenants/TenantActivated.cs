namespace Tarasol.Contracts.Tenants;

/// <summary>A tenant is ready for use.</summary>
public sealed record TenantActivated(string Slug, DateTimeOffset ActivatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "tenant.tenant-activated.v1";

    string IEvent.Subject => Slug;
}
