using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Data;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Routing;

/// <summary>Ends the workflows of interrupted routings and cancels what they asked for. Everything here is harmless when repeated.</summary>
public sealed class ClearInterrupted(CorrespondenceDbContext db, WorkItems items, DaprWorkflowClient workflows) : ITenantSweep
{
    public async Task SweepAsync(CancellationToken cancel)
    {
        var interrupted = await db.Routings.Include(row => row.Steps).Where(row => row.State == RoutingState.Interrupting).OrderBy(row => row.Id).ToListAsync(cancel);
        foreach (var routing in interrupted)
        {
            // First the workflow, so that it opens nothing more.
            await EndAsync(routing.Id.ToString(), cancel);
            foreach (var step in routing.Steps.Where(step => step.State == StepState.Cancelling || step.State is null && step.Decision is null))
            {
                await items.CancelAsync(OpenTask.TaskId(routing.Id, step.Number), cancel);
                if (step.State is not null)
                    step.State = StepState.Cancelled;
            }
            routing.State = RoutingState.Interrupted;
            routing.Version++;
            await db.SaveChangesAsync(cancel);
        }
    }

    // It may never have been scheduled, or be at its end already.
    private async Task EndAsync(string instance, CancellationToken cancel)
    {
        var state = await workflows.GetWorkflowStateAsync(instance, getInputsAndOutputs: false, cancel);
        if (state is { Exists: true, IsWorkflowCompleted: false })
            await workflows.TerminateWorkflowAsync(instance, cancellation: cancel);
    }
}
