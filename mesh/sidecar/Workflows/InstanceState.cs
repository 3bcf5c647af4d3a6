using Google.Protobuf.WellKnownTypes;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// All that is known of one instance: its committed history, what waits in its inbox, and what follows from both. Changed only after a change was committed to the store, but for the inbox: see <see cref="Unsaved"/>.
/// </summary>
internal sealed class InstanceState(string id)
{
    private readonly Dictionary<int, HistoryEvent> _open = [];
    private readonly HashSet<int> _resolvedInInbox = [];
    private readonly Dictionary<string, Queue<int>> _eventTimers = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<int> _cancelledTimers = [];
    private readonly List<string> _patches = [];
    private readonly HashSet<(string Name, Timestamp Raised)> _raised = [];

    // By their time, which no two external events of an instance share.
    private readonly HashSet<Timestamp> _cameInTime = [];

    public string Id => id;

    /// <summary>Number in the app's index of instances.</summary>
    public long Sequence { get; init; }

    /// <summary>Counts the runs that continue-as-new made.</summary>
    public long Generation { get; set; }

    /// <summary>Keys that hold the history: history-000000 and on, one for each commit.</summary>
    public int HistoryChunks { get; set; }

    /// <summary>Number of the next inbox key.</summary>
    public long NextInbox { get; set; }

    /// <summary>Number of the next outbox key.</summary>
    public long NextOutbox { get; set; }

    public string? CustomStatus { get; set; }

    public List<HistoryEvent> History { get; } = [];

    /// <summary>Size of the history's events.</summary>
    public long HistoryBytes { get; private set; }

    /// <summary>Events that no turn has taken yet, in order of arrival, each with the number of its key.</summary>
    public List<(long Number, HistoryEvent Event)> Inbox { get; } = [];

    /// <summary>Numbers of those in the inbox that are not in the store yet: most are taken by a turn before they ever need to be.</summary>
    public HashSet<long> Unsaved { get; } = [];

    /// <summary>Messages to other instances that are not known to have arrived.</summary>
    public List<(long Number, OutboxMessage Message)> Outbox { get; } = [];

    /// <summary>Outbox keys whose message has arrived; the next commit deletes them.</summary>
    public List<long> Delivered { get; } = [];

    public HistoryEvent? Started { get; private set; }

    public HistoryEvent? Completed { get; private set; }

    public HistoryEvent? Terminated { get; private set; }

    public bool Suspended { get; private set; }

    public ExecutionStalledEvent? Stalled { get; private set; }

    /// <summary>Activities, timers and children of the history that have not ended in it, by their id.</summary>
    public IReadOnlyDictionary<int, HistoryEvent> Open => _open;

    /// <summary>Patches that the history knows, in the order they were recorded.</summary>
    public IReadOnlyList<string> Patches => _patches;

    /// <summary>The start event, also of an instance that has not begun.</summary>
    public HistoryEvent? StartEvent => Started ?? Inbox.Select(entry => entry.Event).FirstOrDefault(happened => happened.ExecutionStarted is not null);

    public string? ExecutionId => StartEvent?.ExecutionStarted.WorkflowInstance?.ExecutionId;

    public bool IsTerminal => Completed is not null;

    public OrchestrationStatus Status =>
        Completed is not null ? Completed.ExecutionCompleted.WorkflowStatus
        : Stalled is not null ? OrchestrationStatus.Stalled
        : Started is null ? OrchestrationStatus.Pending
        : Suspended ? OrchestrationStatus.Suspended
        : OrchestrationStatus.Running;

    /// <summary>When the first turn may run; null: at once.</summary>
    public DateTimeOffset? ScheduledStart => Started is null ? StartEvent?.ExecutionStarted.ScheduledStartTimestamp?.ToDateTimeOffset() : null;

    /// <summary>Takes a committed event into the history.</summary>
    public void Append(HistoryEvent happened)
    {
        History.Add(happened);
        HistoryBytes += happened.CalculateSize();
        if (happened.ExecutionStalled is null)
        {
            Stalled = null;
        }

        switch (happened.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.ExecutionStarted:
                Started ??= happened;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionCompleted:
                Completed ??= happened;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionTerminated:
                Terminated ??= happened;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionSuspended:
                Suspended = true;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionResumed:
                Suspended = false;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionStalled:
                Stalled = happened.ExecutionStalled;
                break;
            case HistoryEvent.EventTypeOneofCase.WorkflowStarted when happened.WorkflowStarted.Version is { } version:
                _patches.AddRange(version.Patches);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskScheduled:
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
                _open[happened.EventId] = happened;
                break;
            case HistoryEvent.EventTypeOneofCase.TimerCreated:
                _open[happened.EventId] = happened;
                if (happened.TimerCreated.ExternalEvent is { } guarded)
                {
                    if (!_eventTimers.TryGetValue(guarded.Name, out var timers))
                    {
                        _eventTimers[guarded.Name] = timers = new Queue<int>();
                    }

                    timers.Enqueue(happened.EventId);
                }

                break;
            case HistoryEvent.EventTypeOneofCase.EventRaised:
                _raised.Add((happened.EventRaised.Name, happened.Timestamp));
                // One that waited in the inbox has taken back its timer when it came.
                if (!_cameInTime.Remove(happened.Timestamp))
                {
                    CancelTimerOf(happened.EventRaised.Name);
                }

                break;
            default:
                if (ResolvedBy(happened) is { } resolved)
                {
                    _open.Remove(resolved);
                    _resolvedInInbox.Remove(resolved);
                }

                break;
        }
    }

    /// <summary>Takes an event into the inbox that the next commit will save.</summary>
    public void Receive(HistoryEvent happened)
    {
        Unsaved.Add(NextInbox);
        Receive(NextInbox++, happened);
    }

    /// <summary>Takes a committed event into the inbox.</summary>
    public void Receive(long number, HistoryEvent happened)
    {
        Inbox.Add((number, happened));
        if (ResolvedBy(happened) is { } resolved)
        {
            _resolvedInInbox.Add(resolved);
        }
        else if (happened.EventRaised is { } raised)
        {
            _raised.Add((raised.Name, happened.Timestamp));
            if (CancelTimerOf(raised.Name))
            {
                _cameInTime.Add(happened.Timestamp);
            }
        }
    }

    /// <summary>Whether the event says nothing new: what it ends is unknown or has ended, or it is the redelivery of an external event.</summary>
    public bool IsDuplicate(HistoryEvent happened)
    {
        if (ResolvedBy(happened) is { } resolved)
        {
            return !_open.ContainsKey(resolved) || _resolvedInInbox.Contains(resolved);
        }

        return happened.EventRaised is { } raised && _raised.Contains((raised.Name, happened.Timestamp));
    }

    /// <summary>Whether this timer may still fire.</summary>
    public bool IsArmed(int timer, Timestamp fireAt) =>
        !IsTerminal && !_cancelledTimers.Contains(timer) && !_resolvedInInbox.Contains(timer)
        && _open.GetValueOrDefault(timer)?.TimerCreated is { } created && created.FireAt.Equals(fireAt);

    public IEnumerable<HistoryEvent> ArmedTimers => _open.Values.Where(happened => happened.TimerCreated is { } timer && IsArmed(happened.EventId, timer.FireAt));

    public IEnumerable<HistoryEvent> OpenActivities => _open.Values.Where(happened => happened.TaskScheduled is not null && !_resolvedInInbox.Contains(happened.EventId));

    public IEnumerable<HistoryEvent> Children => History.Where(happened => happened.ChildWorkflowInstanceCreated is not null);

    /// <summary>The id of the step that an event ends; null when it ends none.</summary>
    public static int? ResolvedBy(HistoryEvent happened) => happened.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskCompleted => happened.TaskCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TaskFailed => happened.TaskFailed.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => happened.ChildWorkflowInstanceCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => happened.ChildWorkflowInstanceFailed.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TimerFired => happened.TimerFired.TimerId,
        _ => null,
    };

    /// <summary>The event came first: the oldest timer that guards a wait for it never fires.</summary>
    private bool CancelTimerOf(string eventName)
    {
        if (!_eventTimers.TryGetValue(eventName, out var timers))
        {
            return false;
        }

        while (timers.TryDequeue(out var timer))
        {
            if (_open.ContainsKey(timer))
            {
                _cancelledTimers.Add(timer);
                return true;
            }
        }

        return false;
    }
}

/// <summary>An event on its way to another instance.</summary>
internal sealed record OutboxMessage(string AppId, string InstanceId, HistoryEvent Event);
