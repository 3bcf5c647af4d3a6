namespace Tarasol.Contracts.Tenants;

/// <summary>A tenant was entered into the catalogue; its databases are being made.</summary>
public sealed record TenantCreated(string Slug, string NameAr, string NameEn, DateTimeOffset CreatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "tenant.tenant-created.v1";

    string IEvent.Subject => Slug;
}
