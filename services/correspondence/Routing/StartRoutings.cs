using Dapr.Workflow;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Routing;

/// <summary>Schedules the workflows of committed routings. Scheduling one again is harmless: its instance id is the routing's id.</summary>
public sealed class StartRoutings(CorrespondenceDbContext db, DaprWorkflowClient workflows, CurrentTenant tenant) : ITenantSweep
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public async Task SweepAsync(CancellationToken cancel)
    {
        var starting = await db.Routings.AsNoTracking().Include(routing => routing.Steps)
            .Where(routing => routing.State == RoutingState.Starting).OrderBy(routing => routing.Id).ToListAsync(cancel);
        foreach (var routing in starting)
        {
            await ScheduleAsync(routing, cancel);
            // Only from starting: the workflow may be done by now.
            await db.Routings.Where(row => row.Id == routing.Id && row.State == RoutingState.Starting)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, RoutingState.Running), cancel);
        }
    }

    private async Task ScheduleAsync(LetterRouting routing, CancellationToken cancel)
    {
        var steps = routing.Steps.OrderBy(step => step.Number).Select(step => new LetterRoutingWorkflow.Step(step.Number, step.DueInHours));
        (string Name, object Input) workflow = routing.Plan is null
            ? (nameof(LetterRoutingWorkflow), new LetterRoutingWorkflow.Input(tenant.Slug, routing.Id, [.. steps]))
            : (nameof(CircuitWorkflow), new CircuitWorkflow.Input(tenant.Slug, routing.Id));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Longest);
        try
        {
            await workflows.ScheduleNewWorkflowAsync(workflow.Name, routing.Id.ToString(), workflow.Input, (DateTimeOffset?)null, limit.Token);
        }
        catch (RpcException known) when (known.StatusCode == StatusCode.AlreadyExists)
        {
            // An earlier attempt got through without our learning of it.
        }
    }
}
