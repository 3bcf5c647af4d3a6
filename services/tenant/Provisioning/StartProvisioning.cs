using Microsoft.EntityFrameworkCore;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Sweeps;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Provisioning;

/// <summary>
/// Schedules the workflows of the tenants that have something left to do, also after a crash between commit and schedule. A tenant of which a step was given up waits for the operator.
/// </summary>
internal sealed class StartProvisioning(MultiTenancyDbContext db, WorkflowRuns runs, CurrentTenant tenant, ProvisioningSettings settings) : ITenantSweep
{
    /// <summary>One run at a time for a tenant.</summary>
    public static string InstanceOf(string slug) => $"provision-{slug}";

    public async Task SweepAsync(CancellationToken cancel)
    {
        // The catalogue is the platform's.
        if (tenant.Slug != PlatformTenant.Slug)
            return;
        var open = await db.Steps.AsNoTracking().Where(step => step.State != StepState.Done).OrderBy(step => step.Slug).ThenBy(step => step.Name).ToListAsync(cancel);
        foreach (var steps in open.GroupBy(step => step.Slug).Where(steps => steps.All(step => step.State == StepState.Waiting)))
        {
            var services = steps.Select(step => step.Name).Where(name => name != ProvisioningStep.FirstAdmin).ToList();
            var input = new ProvisionTenantWorkflow.Input(steps.Key, services, services.Count < steps.Count(), settings.Attempts);
            await runs.EnsureAsync(nameof(ProvisionTenantWorkflow), InstanceOf(steps.Key), input, cancel);
        }
    }
}
