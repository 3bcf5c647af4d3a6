namespace Dapr.Workflow;

/// <summary>A workflow as the worker sees it. Derive from <see cref="Workflow{TInput, TOutput}"/> instead of implementing it.</summary>
public interface IWorkflow
{
    /// <summary>Type that the workflow's JSON input is read as.</summary>
    Type InputType { get; }

    /// <summary>Type of the workflow's output, written as JSON.</summary>
    Type OutputType { get; }

    /// <summary>Runs the workflow from its beginning, as every turn does.</summary>
    Task<object?> RunAsync(WorkflowContext context, object? input);
}
