using Dapr.Workflow;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Archive;

/// <summary>
/// Closes a suspended tenant: when every service knows that it is suspended, each gives its data, side by side; then one file is made of them, and the tenant is archived. What fails to
/// the last leaves it suspended. It has to stay deterministic, and a change must keep the running ones working (IsPatched).
/// </summary>
internal sealed class ArchiveTenantWorkflow : Workflow<ArchiveTenantWorkflow.Input, bool>
{
    // A suspension takes effect everywhere within this time: then nothing changes any more while it is read.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);
    private static readonly WorkflowTaskOptions Patient = new(ProvisionTenantWorkflow.Retry(int.MaxValue));

    /// <param name="Slug">The tenant.</param>
    /// <param name="Services">App-ids of the services that have something of it.</param>
    /// <param name="Attempts">Of each step, until it is given up.</param>
    public sealed record Input(string Slug, IReadOnlyList<string> Services, int Attempts);

    /// <summary>Returns whether the tenant is archived.</summary>
    public override async Task<bool> RunAsync(WorkflowContext context, Input input)
    {
        var options = new WorkflowTaskOptions(ProvisionTenantWorkflow.Retry(input.Attempts));
        await context.CreateTimer(Settled);
        var whole = (await Task.WhenAll(input.Services.Select(service => TryAsync(nameof(ExportService), new ExportService.Input(input.Slug, service))))).All(error => error is null);
        var error = whole ? await TryAsync(nameof(PackArchive), input.Slug) : null;
        if (whole && error is null)
        {
            await context.CallActivityAsync(nameof(CloseTenant), input.Slug, Patient);
            return true;
        }
        await context.CallActivityAsync(nameof(GiveArchiveUp), new GiveArchiveUp.Input(input.Slug, error), Patient);
        return false;

        // Null, or what the last attempt said.
        async Task<string?> TryAsync(string activity, object work)
        {
            try
            {
                await context.CallActivityAsync(activity, work, options);
                return null;
            }
            catch (WorkflowTaskFailedException failed)
            {
                return failed.FailureDetails.ErrorMessage;
            }
        }
    }
}
