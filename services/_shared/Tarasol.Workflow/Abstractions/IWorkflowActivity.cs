namespace Dapr.Workflow.Abstractions;

/// <summary>An activity as the worker sees it. Derive from <see cref="WorkflowActivity{TInput, TOutput}"/> instead of implementing it.</summary>
public interface IWorkflowActivity
{
    /// <summary>Type that the JSON input is read as.</summary>
    Type InputType { get; }

    /// <summary>Type of the output, written as JSON.</summary>
    Type OutputType { get; }

    /// <summary>Runs the activity once.</summary>
    Task<object?> RunAsync(WorkflowActivityContext context, object? input);
}
