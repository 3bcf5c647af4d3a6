namespace Dapr.Workflow;

/// <summary>
/// A durable function: it is run again from its beginning for every turn and fed the recorded results, so its code has to be deterministic. It awaits nothing
/// but what <see cref="WorkflowContext"/> gives, and takes time, GUIDs and the like from there.
/// </summary>
/// <typeparam name="TInput">Read from JSON; the default value when the workflow was started without input.</typeparam>
/// <typeparam name="TOutput">Written as JSON.</typeparam>
public abstract class Workflow<TInput, TOutput> : IWorkflow
{
    Type IWorkflow.InputType => typeof(TInput);

    Type IWorkflow.OutputType => typeof(TOutput);

    async Task<object?> IWorkflow.RunAsync(WorkflowContext context, object? input) => await RunAsync(context, input is null ? default! : (TInput)input);

    /// <summary>The workflow. An exception that leaves it ends the instance as failed.</summary>
    public abstract Task<TOutput> RunAsync(WorkflowContext context, TInput input);
}
