using Tarasol.Workflow.Protocol;

namespace Tarasol.Workflow.Testing;

/// <summary>One workflow instance of the in-memory hub.</summary>
internal sealed class MemoryInstance(string appId, string id)
{
    public string AppId => appId;

    public string Id => id;

    public List<HistoryEvent> History { get; } = [];

    /// <summary>Events that no turn has taken yet.</summary>
    public List<HistoryEvent> Inbox { get; } = [];

    public string? CustomStatus { get; set; }

    /// <summary>Counts the runs that continue-as-new made; what an older run began is nobody's any more.</summary>
    public int Generation { get; set; }

    /// <summary>A turn is queued or running.</summary>
    public bool IsTaken { get; set; }

    /// <summary>The code that is there cannot go on with it.</summary>
    public string? Stalled { get; set; }

    /// <summary>Timers that an event in time has taken back.</summary>
    public HashSet<int> CancelledTimers { get; } = [];

    public HistoryEvent? Start => History.Concat(Inbox).FirstOrDefault(happened => happened.ExecutionStarted is not null);

    public HistoryEvent? Completed => History.Find(happened => happened.ExecutionCompleted is not null);

    public OrchestrationStatus Status =>
        Completed is { } completed ? completed.ExecutionCompleted.WorkflowStatus
        : Stalled is not null ? OrchestrationStatus.Stalled
        : !History.Exists(happened => happened.ExecutionStarted is not null) ? OrchestrationStatus.Pending
        : History.FindLast(happened => happened.ExecutionSuspended is not null || happened.ExecutionResumed is not null)?.ExecutionSuspended is not null ? OrchestrationStatus.Suspended
        : OrchestrationStatus.Running;

    public IEnumerable<HistoryEvent> Children => History.Where(happened => happened.ChildWorkflowInstanceCreated is not null);

    public IEnumerable<string> Patches => History.SelectMany(happened => happened.WorkflowStarted?.Version?.Patches ?? Enumerable.Empty<string>());

    public static bool IsTerminal(OrchestrationStatus status) =>
        status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled;

    /// <summary>The id of the step that an event ends; null when it ends none.</summary>
    public static int? Ended(HistoryEvent happened) => happened.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskCompleted => happened.TaskCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TaskFailed => happened.TaskFailed.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => happened.ChildWorkflowInstanceCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => happened.ChildWorkflowInstanceFailed.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TimerFired => happened.TimerFired.TimerId,
        _ => null,
    };

    /// <summary>Whether that step has begun and nothing that came has ended it.</summary>
    public bool IsOpen(int step) =>
        History.Exists(happened => happened.EventId == step && (happened.TaskScheduled is not null || happened.TimerCreated is not null || happened.ChildWorkflowInstanceCreated is not null))
        && !History.Concat(Inbox).Any(happened => Ended(happened) == step);

    /// <summary>An event came: the oldest timer that guards a wait for it does not fire.</summary>
    public void CancelTimerOf(string eventName)
    {
        var timer = History.Find(happened =>
            happened.TimerCreated?.ExternalEvent is { } guarded
            && string.Equals(guarded.Name, eventName, StringComparison.OrdinalIgnoreCase)
            && IsOpen(happened.EventId) && !CancelledTimers.Contains(happened.EventId));
        if (timer is not null)
        {
            CancelledTimers.Add(timer.EventId);
        }
    }
}
