using Dapr.Workflow;

namespace Tarasol.Tenants.Provisioning;

/// <summary>Activity: a service makes and migrates its database of the tenant. Harmless when repeated.</summary>
internal sealed class MakeDatabase(StepAttempts attempts) : WorkflowActivity<StepAttempts.Step, object?>
{
    public override async Task<object?> RunAsync(WorkflowActivityContext context, StepAttempts.Step input)
    {
        await attempts.RunAsync(input, (services, _) => services.GetRequiredService<ServiceProvisioning>().ProvisionAsync(input.Slug, input.Name, CancellationToken.None));
        return null;
    }
}
