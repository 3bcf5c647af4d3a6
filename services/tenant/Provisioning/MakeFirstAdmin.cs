using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;

namespace Tarasol.Tenants.Provisioning;

/// <summary>Activity: identity makes the first administrator's account, and the catalogue forgets the password. Harmless when repeated.</summary>
internal sealed class MakeFirstAdmin(StepAttempts attempts) : WorkflowActivity<StepAttempts.Step, object?>
{
    public override async Task<object?> RunAsync(WorkflowActivityContext context, StepAttempts.Step input)
    {
        await attempts.RunAsync(input, async (services, db) =>
        {
            var tenant = await db.Tenants.SingleAsync(row => row.Slug == input.Slug);
            // No password: it was used already, by an attempt whose end was not written down.
            if (tenant.AdminPassword is not { } sealedPassword)
                return;
            var password = await services.GetRequiredService<AdminSecrets>().OpenAsync(input.Slug, sealedPassword, CancellationToken.None);
            await services.GetRequiredService<AdminAccounts>().CreateAsync(input.Slug, tenant.AdminUserName!, password, CancellationToken.None);
            tenant.AdminPassword = null;
            await db.SaveChangesAsync();
        });
        return null;
    }
}
