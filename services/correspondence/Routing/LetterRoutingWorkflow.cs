using Dapr.Workflow;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// Leads a letter through its circuit: each step opens a work item and waits for the person's decision; a rejection or return ends the circuit.
/// It is replayed from its beginning all the time: it has to stay deterministic, and a change must keep the running ones working (IsPatched).
/// </summary>
public sealed class LetterRoutingWorkflow : Workflow<LetterRoutingWorkflow.Input, string>
{
    private static readonly string Approve = WireEnum.Name(Decision.Approve);

    // Another service being away only delays: there is no last attempt.
    private static readonly WorkflowTaskOptions Patient = new(new WorkflowRetryPolicy(
        maxNumberOfAttempts: int.MaxValue, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(1)));

    /// <param name="Tenant">Slug; a workflow has no other way to know whose it is.</param>
    /// <param name="RoutingId">The routing, which holds the rest: a workflow's history must not hold confidential text.</param>
    /// <param name="Steps">In order.</param>
    public sealed record Input(string Tenant, Guid RoutingId, IReadOnlyList<Step> Steps);

    /// <param name="Number">From 1.</param>
    /// <param name="DueInHours">Counted from when the step opens.</param>
    public sealed record Step(int Number, int DueInHours);

    /// <summary>The external event of a step: what the person decided.</summary>
    public sealed record Decided(string Decision, string DecidedBy, DateTimeOffset DecidedAt, string? Comment, string? OnBehalfOf = null);

    /// <summary>Name of the external event that a step waits for.</summary>
    public static string EventOf(int step) => $"decision-{step}";

    /// <summary>Returns the last decision.</summary>
    public override async Task<string> RunAsync(WorkflowContext context, Input input)
    {
        var decision = "";
        foreach (var step in input.Steps)
        {
            var due = new DateTimeOffset(DateTime.SpecifyKind(context.CurrentUtcDateTime, DateTimeKind.Utc)).AddHours(step.DueInHours);
            await context.CallActivityAsync(nameof(OpenTask), new OpenTask.Input(input.Tenant, input.RoutingId, step.Number, due), Patient);
            var decided = await context.WaitForExternalEventAsync<Decided>(EventOf(step.Number));
            await context.CallActivityAsync(nameof(RecordDecision), new RecordDecision.Input(input.Tenant, input.RoutingId, step.Number, decided), Patient);
            decision = decided.Decision;
            if (decision != Approve)
                break;
        }
        await context.CallActivityAsync(nameof(CompleteRouting), new CompleteRouting.Input(input.Tenant, input.RoutingId), Patient);
        return decision;
    }
}
