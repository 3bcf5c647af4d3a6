using Microsoft.Extensions.Logging;

namespace Dapr.Workflow;

/// <summary>All that a workflow may call. Every member answers the same in each replay.</summary>
public abstract class WorkflowContext : IWorkflowContext
{
    /// <summary>Name that the workflow was started by.</summary>
    public abstract string Name { get; }

    /// <summary>Id of this instance.</summary>
    public abstract string InstanceId { get; }

    /// <summary>Start of the current turn, UTC. Use it instead of the wall clock.</summary>
    public abstract DateTime CurrentUtcDateTime { get; }

    /// <summary>True while the code only repeats what earlier turns did.</summary>
    public abstract bool IsReplaying { get; }

    /// <summary>
    /// True when this instance reached the place for the first time under code that knows the patch, and from then on; false when it had passed there before.
    /// Lets one piece of code serve old and new instances.
    /// </summary>
    public abstract bool IsPatched(string patchName);

    /// <summary>Schedules an activity and ignores its result.</summary>
    public virtual Task CallActivityAsync(string name, object? input = null, WorkflowTaskOptions? options = null) => CallActivityAsync<object>(name, input, options);

    /// <summary>Schedules an activity. Throws <see cref="WorkflowTaskFailedException"/> when it failed, after the retries of the options.</summary>
    public abstract Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null);

    /// <summary>A durable delay.</summary>
    public virtual Task CreateTimer(TimeSpan delay, CancellationToken cancellationToken = default) => CreateTimer(CurrentUtcDateTime.Add(delay), cancellationToken);

    /// <summary>A durable alarm, in UTC; one in the past fires at once. Cancelling ends the wait with <see cref="TaskCanceledException"/>, the alarm itself stays.</summary>
    public abstract Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken);

    /// <summary>Waits for the next event of that name (case does not matter); events that came early wait for this call, first in, first out.</summary>
    public abstract Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default);

    /// <summary>Waits for an event. Throws <see cref="TaskCanceledException"/> after the timeout; zero is over at once, a negative one never.</summary>
    public abstract Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout);

    /// <summary>Sends an event to another instance. Dapr's own sidecar (1.17 to 1.19) cannot deliver it; the embedded one does.</summary>
    public abstract void SendEvent(string instanceId, string eventName, object payload);

    /// <summary>Sets what clients read as custom status, as JSON; null clears it.</summary>
    public abstract void SetCustomStatus(object? customStatus);

    /// <summary>Runs a child workflow. Throws <see cref="WorkflowTaskFailedException"/> when it failed or was terminated, after the retries of the options.</summary>
    public abstract Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null);

    /// <summary>Runs a child workflow and ignores its result.</summary>
    public virtual Task CallChildWorkflowAsync(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null) =>
        CallChildWorkflowAsync<object>(workflowName, input, options);

    /// <summary>A logger that is silent during replay.</summary>
    public abstract ILogger CreateReplaySafeLogger(string categoryName);

    /// <summary>A logger that is silent during replay, of the type's category.</summary>
    public abstract ILogger CreateReplaySafeLogger(Type type);

    /// <summary>A logger that is silent during replay, of the type's category.</summary>
    public abstract ILogger CreateReplaySafeLogger<T>();

    /// <summary>Ends this run and starts the instance anew with an empty history. Return right after it; what is still scheduled is lost.</summary>
    /// <param name="newInput">Input of the new run.</param>
    /// <param name="preserveUnprocessedEvents">Whether events that nobody waited for go on to the new run.</param>
    public abstract void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true);

    /// <summary>A GUID that is the same in each replay.</summary>
    public abstract Guid NewGuid();

    /// <summary>History that the caller of this workflow passed on, or null.</summary>
    public abstract PropagatedHistory? GetPropagatedHistory();
}
