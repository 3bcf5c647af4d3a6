using Dapr.Workflow;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// Leads a letter through a circuit. What is next is decided by an activity from the database (<see cref="CircuitProgress"/>); the workflow waits for one decision after the other, so
/// that the rules can change without changing it. Routings by given steps run as <see cref="LetterRoutingWorkflow"/>.
/// </summary>
public sealed class CircuitWorkflow : Workflow<CircuitWorkflow.Input, string>
{
    /// <summary>Name of the external event that carries a decision.</summary>
    public const string DecisionEvent = "decision";

    // Another service being away only delays: there is no last attempt.
    private static readonly WorkflowTaskOptions Patient = new(new WorkflowRetryPolicy(
        maxNumberOfAttempts: int.MaxValue, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(1)));

    /// <param name="Tenant">Slug; a workflow has no other way to know whose it is.</param>
    /// <param name="RoutingId">The routing, which holds the rest: a workflow's history must not hold confidential text.</param>
    public sealed record Input(string Tenant, Guid RoutingId);

    /// <summary>What somebody decided.</summary>
    public sealed record Decided(int Step, string Decision, string DecidedBy, DateTimeOffset DecidedAt, string? Comment, string? ReturnTo, string? OnBehalfOf);

    /// <summary>Returns the outcome.</summary>
    public override async Task<string> RunAsync(WorkflowContext context, Input input)
    {
        while (true)
        {
            var outcome = await context.CallActivityAsync<string>(nameof(AdvanceRouting), input, Patient);
            if (outcome != AdvanceRouting.Waits)
                return outcome;
            var decided = await context.WaitForExternalEventAsync<Decided>(DecisionEvent);
            await context.CallActivityAsync(nameof(RecordCircuitDecision), new RecordCircuitDecision.Input(input.Tenant, input.RoutingId, decided), Patient);
        }
    }
}
