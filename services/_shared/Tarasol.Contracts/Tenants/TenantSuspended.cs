namespace Tarasol.Contracts.Tenants;

/// <summary>A tenant is refused everywhere until it is resumed; nothing of it is deleted.</summary>
public sealed record TenantSuspended(string Slug, DateTimeOffset SuspendedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "tenant.tenant-suspended.v1";

    string IEvent.Subject => Slug;
}
