using Dapr.Workflow;

namespace Tarasol.Tasks.Deadlines;

/// <summary>Watches the due time of a task: sleeps until there is something to tell, or until the due time is another. One instance for each task, by its id.</summary>
public sealed class DeadlineWorkflow : Workflow<DeadlineWorkflow.Input, string>
{
    /// <summary>The external event that says that something about the due time changed, or that the task is over.</summary>
    public const string Changed = "changed";

    // Another service being away only delays: there is no last attempt.
    private static readonly WorkflowTaskOptions Patient = new(new WorkflowRetryPolicy(
        maxNumberOfAttempts: int.MaxValue, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(1)));

    /// <param name="Tenant">Slug.</param>
    /// <param name="TaskId">The task, which holds the rest.</param>
    public sealed record Input(string Tenant, Guid TaskId);

    public override async Task<string> RunAsync(WorkflowContext context, Input input)
    {
        Task? changed = null;
        while (true)
        {
            var next = await context.CallActivityAsync<RaiseAlarms.Next>(nameof(RaiseAlarms), input, Patient);
            if (next.Over)
                return "over";
            // One wait for all sleeps: a second one would hide the event from the first.
            changed ??= context.WaitForExternalEventAsync<object?>(Changed);
            if (next.At is { } at)
            {
                using var sleep = new CancellationTokenSource();
                await Task.WhenAny(changed, context.CreateTimer(at.UtcDateTime, sleep.Token));
                End(sleep);
            }
            else
            {
                await changed;
            }
            if (changed.IsCompleted)
                changed = null;
        }
    }

    // At once: nothing but what the context gives may be awaited here.
    private static void End(CancellationTokenSource sleep) => sleep.Cancel();
}
