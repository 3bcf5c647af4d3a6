using Dapr.Workflow;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Migrations;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tenants.Provisioning;

public static class ProvisioningSetup
{
    /// <summary>Call it after AddCatalogue, whose seed comes first.</summary>
    public static void AddProvisioning(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(ServiceList.From(builder.Configuration));
        services.AddSingleton(ProvisioningSettings.From(builder.Configuration));
        services.AddSingleton<AdminSecrets>();
        services.AddSingleton<StepAttempts>();
        services.AddSingleton<WorkflowRuns>();
        services.AddServiceClient<AdminAccounts>("identity");
        services.AddServiceClient<ServiceProvisioning>("tenant");
        services.AddScoped<ITenantSeed, JoinedServices>();
        services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<ProvisionTenantWorkflow>();
            options.RegisterActivity<MakeDatabase>();
            options.RegisterActivity<MakeFirstAdmin>();
            options.RegisterActivity<ActivateTenant>();
            options.RegisterActivity<ReportFailure>();
        });
        services.AddTenantSweep<StartProvisioning>();
    }
}

/// <param name="Attempts">Setting TARASOL_PROVISIONING_ATTEMPTS: of each step, until it is given up; 12 (about seven minutes) unless given.</param>
internal sealed record ProvisioningSettings(int Attempts)
{
    private const int Standard = 12;

    public static ProvisioningSettings From(IConfiguration configuration) => new(Math.Max(1, configuration.GetValue("TARASOL_PROVISIONING_ATTEMPTS", Standard)));
}
