namespace Tarasol.Tenants.Provisioning;

/// <summary>The services that keep data per tenant: setting TARASOL_SERVICES, a comma list of app-ids.</summary>
public sealed record ServiceList(IReadOnlyList<string> AppIds)
{
    private const string All = "identity,tenant,directory,admin,correspondence,numbering,task,delegation,profile,audit";

    /// <summary>Reads the setting; all services when it is not there.</summary>
    public static ServiceList From(IConfiguration configuration) => new(
        [.. (configuration["TARASOL_SERVICES"] ?? All).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()]);
}
