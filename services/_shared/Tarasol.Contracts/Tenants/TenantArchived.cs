namespace Tarasol.Contracts.Tenants;

/// <summary>A tenant is closed for good; its data was exported.</summary>
/// <param name="Slug">The tenant.</param>
/// <param name="Sha256">Of the archive file, hexadecimal.</param>
/// <param name="ArchivedAt">When.</param>
public sealed record TenantArchived(string Slug, string Sha256, DateTimeOffset ArchivedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "tenant.tenant-archived.v1";

    string IEvent.Subject => Slug;
}
