namespace Tarasol.Contracts.Tenants;

/// <summary>Something that a tenant needs could not be made after the last attempt; an operator has to see to it.</summary>
/// <param name="Slug">The tenant.</param>
/// <param name="Steps">App-ids of the services whose database is missing, or first-admin.</param>
/// <param name="FailedAt">When it was given up.</param>
public sealed record TenantProvisioningFailed(string Slug, IReadOnlyList<string> Steps, DateTimeOffset FailedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "tenant.tenant-provisioning-failed.v1";

    string IEvent.Subject => Slug;
}
