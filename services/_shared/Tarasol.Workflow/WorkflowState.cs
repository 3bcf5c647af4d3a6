namespace Dapr.Workflow;

/// <summary>What a client sees of an instance.</summary>
public sealed class WorkflowState
{
    private readonly Tarasol.Workflow.Protocol.WorkflowState? _state;

    internal WorkflowState(Tarasol.Workflow.Protocol.WorkflowState? state) => _state = state;

    /// <summary>Name it was started by; null when it does not exist.</summary>
    public string? WorkflowName => _state?.Name;

    /// <summary>False when there is no instance of that id.</summary>
    public bool Exists => _state is not null;

    /// <summary>Whether it is under way.</summary>
    public bool IsWorkflowRunning => RuntimeStatus == WorkflowRuntimeStatus.Running;

    /// <summary>Whether it ended, in whatever way.</summary>
    public bool IsWorkflowCompleted => RuntimeStatus is
        WorkflowRuntimeStatus.Completed or WorkflowRuntimeStatus.Failed or WorkflowRuntimeStatus.Terminated or WorkflowRuntimeStatus.Canceled;

    /// <summary>When it was started, UTC; default when unknown.</summary>
    public DateTimeOffset CreatedAt => _state?.CreatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>Time of its newest event, UTC; default when unknown.</summary>
    public DateTimeOffset LastUpdatedAt => _state?.LastUpdatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>Where it stands; <see cref="WorkflowRuntimeStatus.Unknown"/> when it does not exist.</summary>
    public WorkflowRuntimeStatus RuntimeStatus => _state is null ? WorkflowRuntimeStatus.Unknown : (WorkflowRuntimeStatus)(int)_state.WorkflowStatus;

    /// <summary>Why it failed; null when it did not, or when inputs and outputs were not asked for.</summary>
    public WorkflowTaskFailureDetails? FailureDetails => _state?.FailureDetails?.ToDetails();

    /// <summary>Its input; the default value without one, or when inputs and outputs were not asked for.</summary>
    public T? ReadInputAs<T>() => WorkflowJson.Read<T>(_state?.Input);

    /// <summary>Its output; the default value without one, or when inputs and outputs were not asked for.</summary>
    public T? ReadOutputAs<T>() => WorkflowJson.Read<T>(_state?.Output);

    /// <summary>Its custom status; the default value without one, or when inputs and outputs were not asked for.</summary>
    public T? ReadCustomStatusAs<T>() => WorkflowJson.Read<T>(_state?.CustomStatus);
}
