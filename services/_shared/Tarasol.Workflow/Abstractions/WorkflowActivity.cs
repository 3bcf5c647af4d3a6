using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>
/// A step of a workflow that may do anything: I/O, time, chance. It can run more than once (a worker or sidecar that died is not noticed by it), so make its effect
/// idempotent by <see cref="WorkflowActivityContext.TaskExecutionKey"/>.
/// </summary>
/// <typeparam name="TInput">Read from JSON.</typeparam>
/// <typeparam name="TOutput">Written as JSON.</typeparam>
public abstract class WorkflowActivity<TInput, TOutput> : IWorkflowActivity
{
    Type IWorkflowActivity.InputType => typeof(TInput);

    Type IWorkflowActivity.OutputType => typeof(TOutput);

    /// <inheritdoc/>
    public async Task<object?> RunAsync(WorkflowActivityContext context, object? input) => await RunAsync(context, input is null ? default! : (TInput)input);

    /// <summary>The activity. An exception that leaves it is thrown as <see cref="WorkflowTaskFailedException"/> where the workflow awaits it.</summary>
    public abstract Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input);
}
