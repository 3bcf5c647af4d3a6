using Dapr.Workflow;

namespace Tarasol.Tenants.Provisioning;

/// <summary>
/// Carries a tenant from created to active: every service's database side by side, then the first administrator, then the status. Each of these is tried again, later each time;
/// what fails to the last is reported step by step, and the operator starts the workflow again for what is left. It has to stay deterministic, and a change must keep the running
/// ones working (IsPatched).
/// </summary>
internal sealed class ProvisionTenantWorkflow : Workflow<ProvisionTenantWorkflow.Input, bool>
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    // Our own catalogue being away only delays.
    private static readonly WorkflowTaskOptions Patient = new(Retry(int.MaxValue));

    /// <param name="Slug">The tenant; what is confidential stays in the catalogue.</param>
    /// <param name="Services">App-ids of the services whose databases are to be made.</param>
    /// <param name="FirstAdmin">The administrator's account is to be made too.</param>
    /// <param name="Attempts">Of each step, until it is given up.</param>
    public sealed record Input(string Slug, IReadOnlyList<string> Services, bool FirstAdmin, int Attempts);

    /// <summary>The wait after so many failed attempts.</summary>
    public static TimeSpan WaitAfter(int attempts) => TimeSpan.FromSeconds(Math.Min(First.TotalSeconds * Math.Pow(2, attempts - 1), Longest.TotalSeconds));

    /// <summary>Returns whether all was done.</summary>
    public override async Task<bool> RunAsync(WorkflowContext context, Input input)
    {
        var options = new WorkflowTaskOptions(Retry(input.Attempts));
        var failures = (await Task.WhenAll(input.Services.Select(service => TryAsync(nameof(MakeDatabase), service)))).OfType<ReportFailure.Step>().ToList();
        if (failures.Count == 0 && input.FirstAdmin && await TryAsync(nameof(MakeFirstAdmin), ProvisioningStep.FirstAdmin) is { } failure)
            failures.Add(failure);
        if (failures.Count == 0)
            await context.CallActivityAsync(nameof(ActivateTenant), input.Slug, Patient);
        else
            await context.CallActivityAsync(nameof(ReportFailure), new ReportFailure.Input(input.Slug, failures), Patient);
        return failures.Count == 0;

        async Task<ReportFailure.Step?> TryAsync(string activity, string step)
        {
            try
            {
                await context.CallActivityAsync(activity, new StepAttempts.Step(input.Slug, step), options);
                return null;
            }
            catch (WorkflowTaskFailedException failed)
            {
                return new(step, failed.FailureDetails.ErrorMessage);
            }
        }
    }

    /// <summary>Later each time.</summary>
    public static WorkflowRetryPolicy Retry(int attempts) => new(attempts, First, backoffCoefficient: 2, maxRetryInterval: Longest);
}
