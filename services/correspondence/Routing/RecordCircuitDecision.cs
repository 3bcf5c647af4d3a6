using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Routing;

/// <summary>Activity: writes down what somebody decided. Harmless when repeated: an item is decided once.</summary>
public sealed class RecordCircuitDecision(TenantScopes tenants) : WorkflowActivity<RecordCircuitDecision.Input, object?>
{
    public sealed record Input(string Tenant, Guid RoutingId, CircuitWorkflow.Decided Decided);

    public override Task<object?> RunAsync(WorkflowActivityContext context, Input input) => tenants.RunAsync<object?>(input.Tenant, async services =>
    {
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        await WriteAsync(db, services.GetRequiredService<IOutbox>(), input.RoutingId, input.Decided, CancellationToken.None);
        await db.SaveChangesAsync();
        return null;
    }, CancellationToken.None);

    /// <summary>The same inside a change of the caller, who saves.</summary>
    public static async Task WriteAsync(CorrespondenceDbContext db, IOutbox outbox, Guid routingId, CircuitWorkflow.Decided decided, CancellationToken cancel)
    {
        var routing = await db.Routings.Include(row => row.Steps).FirstAsync(row => row.Id == routingId, cancel);
        var step = routing.Steps.Single(each => each.Number == decided.Step);
        if (step.Decision is not null)
            return;
        if (!WireEnum.TryParse<Decision>(decided.Decision, out var decision))
            throw new InvalidOperationException($"'{decided.Decision}' is not a decision.");
        // One that came when its step was over already is told, and moves nothing.
        if (step.State is StepState.Open or StepState.Opening)
            step.State = StepState.Decided;
        step.Decision = decision;
        step.Assignee = step.Assignee.Length == 0 ? decided.DecidedBy : step.Assignee;
        step.DecidedBy = decided.DecidedBy;
        step.DecidedAt = decided.DecidedAt;
        step.Comment = decided.Comment;
        step.ReturnTo = decided.ReturnTo;
        step.OnBehalfOf = decided.OnBehalfOf;
        routing.Version++;
        var letter = await db.Letters.FirstAsync(row => row.Id == routing.LetterId, cancel);
        if (decision == Decision.Sign)
            letter.SignedAt ??= decided.DecidedAt;
        var entry = letter.Record(KindOf(decision), decided.DecidedBy, decided.DecidedAt);
        entry.RoutingId = routing.Id;
        entry.Step = step.Number;
        entry.Comment = decided.Comment;
        entry.OnBehalfOf = decided.OnBehalfOf;
        entry.Target = decided.ReturnTo;
        db.Add(entry);
        outbox.Add(
            new StepDecided(letter.Id, routing.Id, step.Number, decided.Decision, decided.DecidedBy, decided.Comment, decided.DecidedAt, decided.OnBehalfOf, decided.ReturnTo), decided.DecidedBy);
    }

    private static TimelineKind KindOf(Decision decision) => decision switch
    {
        Decision.Approve => TimelineKind.StepApproved,
        Decision.Reject => TimelineKind.StepRejected,
        Decision.Return => TimelineKind.StepReturned,
        Decision.Sign => TimelineKind.StepSigned,
        Decision.Comment => TimelineKind.StepCommented,
        Decision.Done => TimelineKind.StepDone,
        _ => TimelineKind.StepSeen,
    };
}
