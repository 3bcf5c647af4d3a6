using Dapr.Workflow.Client;

namespace Dapr.Workflow;

/// <summary>Starts and steers workflow instances of this app through its sidecar. Errors of the sidecar come as <see cref="Grpc.Core.RpcException"/>.</summary>
public interface IDaprWorkflowClient : IDisposable, IAsyncDisposable
{
    /// <inheritdoc cref="ScheduleNewWorkflowAsync(string, string?, object?, DateTimeOffset?, CancellationToken)"/>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null);

    /// <inheritdoc cref="ScheduleNewWorkflowAsync(string, string?, object?, DateTimeOffset?, CancellationToken)"/>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime);

    /// <summary>Starts an instance and answers its id once it is under way (at once with a start time).</summary>
    /// <param name="name">Name that the workflow is registered by.</param>
    /// <param name="instanceId">Null: a new GUID. An id that is in use by a running instance is refused with status AlreadyExists; an ended one is replaced.</param>
    /// <param name="input">Written as JSON.</param>
    /// <param name="startTime">Null: now.</param>
    /// <param name="cancellation">Ends the wait; the instance may be started all the same.</param>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default);

    /// <summary>What the instance is at; <see cref="WorkflowState.Exists"/> is false when there is none.</summary>
    Task<WorkflowState> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Waits until the instance has begun, also for one that is not there yet.</summary>
    Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Waits until the instance has ended, in whatever way.</summary>
    Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Sends an event to the instance; it is kept until the workflow waits for it.</summary>
    Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default);

    /// <summary>Ends the instance and its children, and waits for it.</summary>
    Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default);

    /// <summary>Holds the instance: events are kept, nothing happens.</summary>
    Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Lets a held instance go on.</summary>
    Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Deletes an ended instance with its children; false when nothing was deleted.</summary>
    Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default);

    /// <summary>Ids of this app's instances, page by page.</summary>
    Task<WorkflowInstancePage> ListInstanceIdsAsync(string? continuationToken = null, int? pageSize = null, CancellationToken cancellation = default);

    /// <summary>The history of the instance.</summary>
    Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default);

    /// <summary>Runs an ended instance again from one of its steps, as a new instance, whose id it answers.</summary>
    Task<string> RerunWorkflowFromEventAsync(string sourceInstanceId, uint eventId, RerunWorkflowFromEventOptions? options = null, CancellationToken cancellation = default);
}
