using System.Text.Json.Serialization;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Tenants;

/// <summary>A tenant as lists and answers to its creation show it.</summary>
public sealed record TenantView(string Slug, string NameAr, string NameEn, TenantStatus Status);

/// <summary>A tenant as the API shows it alone.</summary>
/// <param name="HostNames">Where it is reached, in alphabetical order.</param>
/// <param name="Provider">The database program that its data is on; null when its services have different ones, or none yet.</param>
/// <param name="Provisioning">Only while something is still to be done: every step, with what went wrong last.</param>
public sealed record TenantDetails(
    string Slug,
    string NameAr,
    string NameEn,
    TenantStatus Status,
    IReadOnlyList<string> HostNames,
    TenantLimits Limits,
    TenantLanguage DefaultLanguage,
    TenantCalendar Calendar,
    DatabaseProvider? Provider,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? SuspendedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ArchivedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TenantDetails.Step>? Provisioning)
{
    /// <param name="Name">App-id of the service, or <c>first-admin</c>.</param>
    /// <param name="State">Waiting, done, or failed: given up until somebody has it tried again.</param>
    /// <param name="Attempts">Those that failed.</param>
    /// <param name="LastError">What the last of them said.</param>
    /// <param name="NextAttemptAt">About when a step that failed is tried again.</param>
    public sealed record Step(
        string Name, StepState State, int Attempts, string? LastError, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? NextAttemptAt);
}
