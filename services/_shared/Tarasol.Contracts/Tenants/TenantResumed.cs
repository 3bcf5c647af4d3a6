namespace Tarasol.Contracts.Tenants;

/// <summary>A suspended tenant is in use again.</summary>
public sealed record TenantResumed(string Slug, DateTimeOffset ResumedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "tenant.tenant-resumed.v1";

    string IEvent.Subject => Slug;
}
