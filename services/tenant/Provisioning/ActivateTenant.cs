using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Catalogue;

namespace Tarasol.Tenants.Provisioning;

/// <summary>Activity: a tenant that is being provisioned becomes active. One that got the database of a new service is what it was.</summary>
internal sealed class ActivateTenant(PlatformScopes platform, TimeProvider time, ILogger<ActivateTenant> log) : WorkflowActivity<string, object?>
{
    public override async Task<object?> RunAsync(WorkflowActivityContext context, string input)
    {
        await platform.RunAsync(async (scope, db) =>
        {
            if (await db.Tenants.SingleAsync(row => row.Slug == input) is not { Status: TenantStatus.Provisioning } tenant)
                return false;
            // A service that joined meanwhile has a run of its own, which ends here again.
            if (await db.Steps.AnyAsync(step => step.Slug == input && step.State != StepState.Done))
                return false;
            var now = time.GetUtcNow();
            tenant.Status = TenantStatus.Active;
            tenant.ActivatedAt = now;
            tenant.ChangedAt = now;
            tenant.Version++;
            scope.GetRequiredService<IOutbox>().Add(new TenantActivated(input, now));
            await db.SaveChangesAsync();
            log.LogInformation("Tenant {Tenant} is active", input);
            return true;
        }, CancellationToken.None);
        return null;
    }
}
