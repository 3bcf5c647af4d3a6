namespace Dapr.Workflow;

/// <summary>The part of <see cref="WorkflowContext"/> that only reads.</summary>
public interface IWorkflowContext
{
    /// <summary>True while recorded history is replayed.</summary>
    bool IsReplaying { get; }

    /// <summary>Whether this instance runs the code behind the named patch.</summary>
    bool IsPatched(string patchName);

    /// <summary>The replay-safe clock, UTC.</summary>
    DateTime CurrentUtcDateTime { get; }
}
