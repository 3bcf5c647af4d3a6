using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;

namespace Tarasol.Correspondence.Routing;

/// <summary>Tells the workflow of a routing what was decided at a step. Raising it again is harmless: a step's event is waited for once.</summary>
public sealed class TaskDecidedHandler(CorrespondenceDbContext db, DaprWorkflowClient workflows, IOutbox outbox, ILogger<TaskDecidedHandler> log) : IEventHandler<TaskDecided>
{
    public async Task HandleAsync(TaskDecided decided, EventEnvelope envelope, CancellationToken cancel)
    {
        // Looked up in the event's tenant: an event can never move another tenant's workflow.
        var routing = await db.Routings.AsNoTracking().Include(row => row.Steps).FirstOrDefaultAsync(row => row.Id == decided.RoutingId, cancel);
        var step = routing?.Steps.FirstOrDefault(each => each.Number == decided.Step);
        if (routing is null || step is null || OpenTask.TaskId(decided.RoutingId, decided.Step) != decided.TaskId)
        {
            log.LogWarning("Task {TaskId} is of no routing here", decided.TaskId);
            return;
        }
        if (step.Decision is not null)
            return;
        if (routing.Plan is not null)
        {
            await TellCircuitAsync(routing, step, decided, cancel);
            return;
        }
        var payload = new LetterRoutingWorkflow.Decided(decided.Decision, decided.DecidedBy, decided.DecidedAt, decided.Comment, decided.OnBehalfOf);
        await workflows.RaiseEventAsync(decided.RoutingId.ToString(), LetterRoutingWorkflow.EventOf(decided.Step), payload, cancel);
    }

    private async Task TellCircuitAsync(LetterRouting routing, RoutingStep step, TaskDecided decided, CancellationToken cancel)
    {
        var payload = new CircuitWorkflow.Decided(decided.Step, decided.Decision, decided.DecidedBy, decided.DecidedAt, decided.Comment, decided.ReturnTo, decided.OnBehalfOf);
        // Nobody waits for who is only informed, or for anybody once the routing has ended.
        if (step.Kind == StepKind.Inform || routing.State is not (RoutingState.Starting or RoutingState.Running))
            await RecordCircuitDecision.WriteAsync(db, outbox, routing.Id, payload, cancel);
        else
            await workflows.RaiseEventAsync(routing.Id.ToString(), CircuitWorkflow.DecisionEvent, payload, cancel);
    }
}
