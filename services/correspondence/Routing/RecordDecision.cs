using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Routing;

/// <summary>Activity: writes down what was decided at a step. Harmless when repeated: a step is decided once.</summary>
public sealed class RecordDecision(TenantScopes tenants) : WorkflowActivity<RecordDecision.Input, object?>
{
    public sealed record Input(string Tenant, Guid RoutingId, int Step, LetterRoutingWorkflow.Decided Decided);

    public override Task<object?> RunAsync(WorkflowActivityContext context, Input input) => tenants.RunAsync<object?>(input.Tenant, async services =>
    {
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        var routing = await db.Routings.Include(row => row.Steps).FirstAsync(row => row.Id == input.RoutingId);
        var step = routing.Steps.Single(each => each.Number == input.Step);
        if (step.Decision is not null)
            return null;

        var decided = input.Decided;
        if (!WireEnum.TryParse<Decision>(decided.Decision, out var decision))
            throw new InvalidOperationException($"'{decided.Decision}' is not a decision.");
        step.Decision = decision;
        step.DecidedBy = decided.DecidedBy;
        step.DecidedAt = decided.DecidedAt;
        step.Comment = decided.Comment;
        step.OnBehalfOf = decided.OnBehalfOf;
        // A step has no version of its own.
        routing.Version++;
        var letter = await db.Letters.FirstAsync(row => row.Id == routing.LetterId);
        var entry = letter.Record(KindOf(decision), decided.DecidedBy, decided.DecidedAt);
        entry.RoutingId = routing.Id;
        entry.Step = step.Number;
        entry.Comment = decided.Comment;
        entry.OnBehalfOf = decided.OnBehalfOf;
        db.Add(entry);
        services.GetRequiredService<IOutbox>().Add(
            new StepDecided(letter.Id, routing.Id, step.Number, decided.Decision, decided.DecidedBy, decided.Comment, decided.DecidedAt, decided.OnBehalfOf), decided.DecidedBy);
        await db.SaveChangesAsync();
        return null;
    }, CancellationToken.None);

    private static TimelineKind KindOf(Decision decision) => decision switch
    {
        Decision.Approve => TimelineKind.StepApproved,
        Decision.Reject => TimelineKind.StepRejected,
        _ => TimelineKind.StepReturned,
    };
}
