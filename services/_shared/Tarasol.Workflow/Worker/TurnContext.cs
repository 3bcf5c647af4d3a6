using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>
/// One turn of one instance: gives the workflow its context, plays the history to it and collects what it newly asks for. Everything happens on one thread:
/// completing a task runs the workflow on up to its next await before the next event is looked at.
/// </summary>
internal sealed class TurnContext(string instanceId, string? executionId, ILoggerFactory loggers) : WorkflowContext
{
    /// <summary>Stands for "never" as the fire time of a timer that guards an endless wait.</summary>
    private static readonly Timestamp Never = new() { Seconds = 253402300799, Nanos = 999999999 };

    private Guid _guids = DeterministicGuid.OfInstance(string.IsNullOrEmpty(executionId) ? instanceId : executionId);
    private readonly SortedDictionary<int, WorkflowAction> _actions = [];
    private readonly Dictionary<int, TaskCompletionSource<HistoryEvent>> _open = [];
    private readonly Dictionary<int, HistoryEvent> _early = [];
    private readonly List<HistoryEvent> _eventBuffer = [];
    private readonly Dictionary<string, LinkedList<TaskCompletionSource<HistoryEvent>>> _eventWaiters = new(StringComparer.OrdinalIgnoreCase);
    private readonly PatchDecisions _patches = new();
    private int _thread = Environment.CurrentManagedThreadId;
    private int _nextId;
    private int _guidCount;
    private DateTime _now = DateTime.UnixEpoch;
    private bool _replaying;
    private bool _preserveEvents;
    private bool _over;

    public override string Name => Started?.Name ?? "";

    public override string InstanceId => instanceId;

    public override DateTime CurrentUtcDateTime => _now;

    public override bool IsReplaying => _replaying;

    public ExecutionStartedEvent? Started { get; private set; }

    public PropagatedHistory? IncomingHistory { get; init; }

    /// <summary>App that this worker serves, as the sidecar names it.</summary>
    public string? AppId { get; private set; }

    public object? CustomStatus { get; private set; }

    public IReadOnlyList<string> Patches => _patches.ThisTurn;

    /// <summary>New actions in the order of their ids.</summary>
    public IReadOnlyCollection<WorkflowAction> Actions => _actions.Values;

    public bool ContinuesAsNew => _actions.Values.Any(action => action.CompleteWorkflow?.WorkflowStatus == OrchestrationStatus.ContinuedAsNew);

    /// <summary>Whether any event could still wake the workflow.</summary>
    public bool Waits => _open.Count > 0 || _eventWaiters.Values.Any(waiters => waiters.Count > 0);

    public override bool IsPatched(string patchName)
    {
        CheckCaller();
        ArgumentException.ThrowIfNullOrWhiteSpace(patchName);
        return _patches.Decide(patchName, _replaying);
    }

    public override async Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (options?.RetryPolicy is not { } policy)
        {
            return await CallActivityOnceAsync<T>(name, input, options);
        }

        var firstAttempt = TaskExecutionId(_nextId, name);
        return await RetryAsync(policy, () => CallActivityOnceAsync<T>(name, input, options), failure => !failure.IsNonRetriable,
            timer => timer.ActivityRetry = new TimerOriginActivityRetry { TaskExecutionId = firstAttempt });
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) =>
        CreateTimer(ToTimestamp(fireAt), timer => timer.CreateTimer = new TimerOriginCreateTimer(), cancellationToken);

    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default)
    {
        CheckCaller();
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        if (_eventBuffer.Find(buffered => SameName(buffered.EventRaised.Name, eventName)) is { } early)
        {
            _eventBuffer.Remove(early);
            return WorkflowJson.Read<T>(early.EventRaised.Input)!;
        }

        if (!_eventWaiters.TryGetValue(eventName, out var waiters))
        {
            _eventWaiters[eventName] = waiters = [];
        }

        var raised = new TaskCompletionSource<HistoryEvent>();
        var place = waiters.AddLast(raised);
        using var registration = cancellationToken.Register(() =>
        {
            if (place.List is not null)
            {
                waiters.Remove(place);
                raised.TrySetCanceled(cancellationToken);
            }
        });
        return WorkflowJson.Read<T>((await raised.Task).EventRaised.Input)!;
    }

    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        CheckCaller();
        if (timeout == TimeSpan.Zero)
        {
            throw new TaskCanceledException($"The event '{eventName}' was waited for with a timeout of zero.");
        }

        using var timerOver = new CancellationTokenSource();
        using var waitOver = new CancellationTokenSource();
        var fireAt = timeout < TimeSpan.Zero ? Never : ToTimestamp(_now.Add(timeout));
        var timer = CreateTimer(fireAt, action => action.ExternalEvent = new TimerOriginExternalEvent { Name = eventName }, timerOver.Token);
        var raised = WaitForExternalEventAsync<T>(eventName, waitOver.Token);
        var first = await Task.WhenAny(raised, timer);

        // A timer that was only ever optional may be dropped during replay: the wait goes on without it.
        if (first == timer && !timer.IsCanceled)
        {
            waitOver.Cancel();
        }
        else if (first == raised)
        {
            timerOver.Cancel();
        }

        return await raised;
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        Add(new WorkflowAction
        {
            SendEvent = new SendEventAction { Instance = new WorkflowInstance { InstanceId = instanceId }, Name = eventName, Data = WorkflowJson.Write(payload) },
        });
    }

    public override void SetCustomStatus(object? customStatus)
    {
        CheckCaller();
        CustomStatus = customStatus;
    }

    public override async Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(workflowName);
        if (options?.RetryPolicy is not { } policy)
        {
            return await CallChildOnceAsync<TResult>(workflowName, input, options);
        }

        // Every workflow that fails calls its failure non-retriable, so for a child the policy alone decides.
        var firstChild = options.InstanceId ?? NewGuid().ToString();
        return await RetryAsync(policy, () => CallChildOnceAsync<TResult>(workflowName, input, options), _ => true,
            timer => timer.ChildWorkflowRetry = new TimerOriginChildWorkflowRetry { InstanceId = firstChild });
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        _preserveEvents = preserveUnprocessedEvents;
        Add(new WorkflowAction
        {
            CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.ContinuedAsNew, Result = WorkflowJson.Write(newInput) },
        });
    }

    public override Guid NewGuid()
    {
        CheckCaller();
        return DeterministicGuid.Make(_guids, $"{instanceId}_{_guidCount++}");
    }

    public override PropagatedHistory? GetPropagatedHistory() => IncomingHistory;

    public override ILogger CreateReplaySafeLogger(string categoryName) => new ReplaySafeLogger(loggers.CreateLogger(categoryName), this);

    public override ILogger CreateReplaySafeLogger(System.Type type) => new ReplaySafeLogger(loggers.CreateLogger(type), this);

    public override ILogger CreateReplaySafeLogger<T>() => new ReplaySafeLogger(loggers.CreateLogger<T>(), this);

    /// <summary>Tells the context which patches the history knows; before the first event.</summary>
    public void Begin(IEnumerable<HistoryEvent> past) => _patches.Learn(past);

    /// <summary>The next turn of a workflow that was kept since the last one begins, on this thread.</summary>
    public void Resume()
    {
        _thread = Environment.CurrentManagedThreadId;
        _over = false;
    }

    /// <summary>Notes the start; the caller runs the workflow right after it.</summary>
    public void Start(HistoryEvent started)
    {
        Started = started.ExecutionStarted;
        if (string.IsNullOrEmpty(executionId) && Started.WorkflowInstance?.ExecutionId is { Length: > 0 } run)
        {
            // Each run of an instance that continues as new has one of its own: its steps must not get the idempotency keys of the run before.
            _guids = DeterministicGuid.OfInstance(run);
        }

        AppId = started.Router is not { } router ? null : router.HasTargetAppID ? router.TargetAppID : router.SourceAppID;
    }

    /// <summary>Plays one event to the workflow. Throws <see cref="NonDeterminismException"/> when the code no longer does what the history says.</summary>
    public void Play(HistoryEvent happened, bool replaying)
    {
        _replaying = replaying;
        switch (happened.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.WorkflowStarted:
                _now = happened.Timestamp.ToDateTime();
                break;
            case HistoryEvent.EventTypeOneofCase.TaskScheduled:
                Confirm(happened, $"activity '{happened.TaskScheduled.Name}'", action => SameName(action.ScheduleTask?.Name, happened.TaskScheduled.Name));
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
                var child = happened.ChildWorkflowInstanceCreated;
                Confirm(happened, $"child workflow '{child.Name}'", action => SameName(action.CreateChildWorkflow?.Name, child.Name));
                break;
            case HistoryEvent.EventTypeOneofCase.TimerCreated:
                Confirm(happened, $"timer for {happened.TimerCreated.FireAt}", action => action.CreateTimer is not null);
                break;
            case HistoryEvent.EventTypeOneofCase.EventSent:
                Confirm(happened, $"event '{happened.EventSent.Name}' sent", action => SameName(action.SendEvent?.Name, happened.EventSent.Name));
                break;
            case HistoryEvent.EventTypeOneofCase.TaskCompleted:
                Resolve(happened.TaskCompleted.TaskScheduledId, happened);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskFailed:
                Resolve(happened.TaskFailed.TaskScheduledId, happened);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted:
                Resolve(happened.ChildWorkflowInstanceCompleted.TaskScheduledId, happened);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed:
                Resolve(happened.ChildWorkflowInstanceFailed.TaskScheduledId, happened);
                break;
            case HistoryEvent.EventTypeOneofCase.TimerFired:
                Resolve(happened.TimerFired.TimerId, happened);
                break;
            case HistoryEvent.EventTypeOneofCase.EventRaised:
                Raise(happened);
                break;
        }
    }

    /// <summary>No more events in this turn: events that nobody waited for go along to the next run, and late calls are refused.</summary>
    public void End()
    {
        _over = true;
        if (_preserveEvents)
        {
            _actions.Values.Select(action => action.CompleteWorkflow).FirstOrDefault(complete => complete is not null)?.CarryoverEvents.Add(_eventBuffer);
        }
    }

    private async Task<T> CallActivityOnceAsync<T>(string name, object? input, WorkflowTaskOptions? options)
    {
        var action = new ScheduleTaskAction { Name = name, Input = WorkflowJson.Write(input), TaskExecutionId = TaskExecutionId(_nextId, name) };
        if (options is { PropagationScope: not HistoryPropagationScope.None })
        {
            action.HistoryPropagationScope = (Tarasol.Workflow.Protocol.HistoryPropagationScope)(int)options.PropagationScope;
        }

        var router = RouterTo(options?.TargetAppId);
        action.Router = router;
        var happened = await AddOpen(new WorkflowAction { ScheduleTask = action, Router = router });
        return happened.EventTypeCase switch
        {
            HistoryEvent.EventTypeOneofCase.TaskCompleted => WorkflowJson.Read<T>(happened.TaskCompleted.Result)!,
            HistoryEvent.EventTypeOneofCase.TaskFailed => throw ActivityFailed(happened.TaskFailed.FailureDetails),
            _ => throw Unexpected(happened, $"activity '{name}'"),
        };
    }

    private async Task<T> CallChildOnceAsync<T>(string name, object? input, ChildWorkflowTaskOptions? options)
    {
        var action = new CreateChildWorkflowAction { Name = name, InstanceId = options?.InstanceId ?? NewGuid().ToString(), Input = WorkflowJson.Write(input) };
        if (options is { PropagationScope: not HistoryPropagationScope.None })
        {
            action.HistoryPropagationScope = (Tarasol.Workflow.Protocol.HistoryPropagationScope)(int)options.PropagationScope;
        }

        var router = RouterTo(options?.TargetAppId);
        action.Router = router;
        var happened = await AddOpen(new WorkflowAction { CreateChildWorkflow = action, Router = router });
        return happened.EventTypeCase switch
        {
            HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => WorkflowJson.Read<T>(happened.ChildWorkflowInstanceCompleted.Result)!,
            HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => throw new WorkflowTaskFailedException(
                $"Child workflow '{name}' failed",
                happened.ChildWorkflowInstanceFailed.FailureDetails?.ToDetails() ?? new WorkflowTaskFailureDetails("ChildWorkflowTerminated", "The child workflow was terminated.")),
            _ => throw Unexpected(happened, $"child workflow '{name}'"),
        };
    }

    private static WorkflowTaskFailedException ActivityFailed(TaskFailureDetails? failure) => new(
        $"Task failed: {failure?.ErrorMessage}", failure?.ToDetails() ?? new WorkflowTaskFailureDetails("Unknown", "The activity failed without saying why."));

    private NonDeterminismException Unexpected(HistoryEvent happened, string call) =>
        new($"Workflow '{Name}' waits for {call}, but its history has {happened.EventTypeCase} there. Its code has changed since the instance was started; guard such a change with IsPatched.");

    private async Task<T> RetryAsync<T>(
        WorkflowRetryPolicy policy, Func<Task<T>> attempt, Func<WorkflowTaskFailureDetails, bool> mayRetry, Action<CreateTimerAction> setOrigin)
    {
        var firstAttempt = _now;
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                return await attempt();
            }
            catch (WorkflowTaskFailedException failed) when (
                attempts < policy.MaxNumberOfAttempts
                && mayRetry(failed.FailureDetails)
                && (policy.RetryTimeout == Timeout.InfiniteTimeSpan || _now < firstAttempt + policy.RetryTimeout))
            {
            }

            await CreateTimer(ToTimestamp(_now.Add(policy.DelayAfter(attempts))), setOrigin, CancellationToken.None);
        }
    }

    private async Task CreateTimer(Timestamp fireAt, Action<CreateTimerAction> setOrigin, CancellationToken cancel)
    {
        var timer = new CreateTimerAction { FireAt = fireAt };
        setOrigin(timer);
        var fired = new TaskCompletionSource<HistoryEvent>();
        var waiting = AddOpen(new WorkflowAction { CreateTimer = timer }, fired);

        // Only the wait ends: the sidecar has no way to take a timer back, its firing is ignored.
        using var registration = cancel.Register(() =>
        {
            if (fired.TrySetCanceled(cancel))
            {
                foreach (var id in _open.Where(task => task.Value == fired).Select(task => task.Key).ToList())
                {
                    _open.Remove(id);
                }
            }
        });
        await waiting;
    }

    private Task<HistoryEvent> AddOpen(WorkflowAction action, TaskCompletionSource<HistoryEvent>? source = null)
    {
        source ??= new TaskCompletionSource<HistoryEvent>();
        var id = Add(action);
        if (_early.Remove(id, out var early))
        {
            // Its result came before the code asked, as can be after the code was changed: nothing to schedule.
            _actions.Remove(id);
            source.SetResult(early);
        }
        else
        {
            _open.Add(id, source);
        }

        return source.Task;
    }

    private int Add(WorkflowAction action)
    {
        CheckCaller();
        action.Id = _nextId++;
        _actions.Add(action.Id, action);
        return action.Id;
    }

    /// <summary>The history has this step: it is no new action. Anything else there means that the code is not the one that wrote the history.</summary>
    private void Confirm(HistoryEvent happened, string recorded, Func<WorkflowAction, bool> matches)
    {
        var action = _actions.GetValueOrDefault(happened.EventId);
        var recordedOptional = IsOptional(happened.TimerCreated);
        if (action is not null && IsOptional(action.CreateTimer) && !recordedOptional)
        {
            // A worker that makes no timers for endless waits wrote this history.
            Drop(happened.EventId);
            action = _actions.GetValueOrDefault(happened.EventId);
        }
        else if (recordedOptional && action?.CreateTimer is null)
        {
            // A worker that makes them did: leave the id to it.
            Shift(happened.EventId, by: 1);
            return;
        }

        if (action is null || !matches(action))
        {
            throw new NonDeterminismException(
                $"The history of workflow '{Name}' has {happened.EventTypeCase} ({recorded}) as step {happened.EventId}, but the code now {Describe(action)} there. "
                + "Its code has changed since the instance was started; guard such a change with IsPatched, or register the new code under a new name.");
        }

        _actions.Remove(happened.EventId);
    }

    private static string Describe(WorkflowAction? action) => action?.WorkflowActionTypeCase switch
    {
        null => "calls nothing",
        WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask => $"calls CallActivityAsync('{action.ScheduleTask.Name}')",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow => $"calls CallChildWorkflowAsync('{action.CreateChildWorkflow.Name}')",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer when action.CreateTimer.ExternalEvent is { } guarded => $"calls WaitForExternalEventAsync('{guarded.Name}') with a timeout",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer => "calls CreateTimer",
        WorkflowAction.WorkflowActionTypeOneofCase.SendEvent => $"calls SendEvent('{action.SendEvent.Name}')",
        _ => "calls ContinueAsNew",
    };

    private void Drop(int id)
    {
        _actions.Remove(id);
        if (_open.Remove(id, out var timer))
        {
            timer.TrySetCanceled();
        }

        Shift(id, by: -1);
    }

    private void Shift(int from, int by)
    {
        foreach (var action in _actions.Values.Where(action => action.Id >= from).ToList())
        {
            _actions.Remove(action.Id);
            action.Id += by;
            _actions[action.Id] = action;
        }

        var moved = _open.Where(task => task.Key >= from).ToList();
        moved.ForEach(task => _open.Remove(task.Key));
        moved.ForEach(task => _open.Add(task.Key + by, task.Value));
        _nextId += by;
    }

    private void Resolve(int id, HistoryEvent happened)
    {
        if (_open.Remove(id, out var task))
        {
            task.TrySetResult(happened);
        }
        else if (id >= _nextId)
        {
            _early.TryAdd(id, happened);
        }
    }

    private void Raise(HistoryEvent raised)
    {
        if (_eventWaiters.TryGetValue(raised.EventRaised.Name, out var waiters) && waiters.First is { } first)
        {
            waiters.RemoveFirst();
            first.Value.SetResult(raised);
            return;
        }

        _eventBuffer.Add(raised);
    }

    private TaskRouter? RouterTo(string? appId) =>
        string.IsNullOrEmpty(appId) ? null : new TaskRouter { SourceAppID = AppId ?? "", TargetAppID = appId };

    private string TaskExecutionId(int id, string name) => DeterministicGuid.Make(_guids, $"{instanceId}|activity|{id}|{name}").ToString("N");

    private static bool IsOptional(CreateTimerAction? timer) => timer?.ExternalEvent is not null && timer.FireAt.Equals(Never);

    private static bool IsOptional(TimerCreatedEvent? timer) => timer?.ExternalEvent is not null && timer.FireAt.Equals(Never);

    private static bool SameName(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static Timestamp ToTimestamp(DateTime time) => Timestamp.FromDateTime(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private void CheckCaller()
    {
        if (_over || Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException(
                $"Workflow '{Name}' used its context outside of its turn. A workflow may await only tasks that its context gave; put I/O, delays and threads into activities.");
        }
    }
}

/// <summary>The workflow's code does not fit the history of the instance.</summary>
internal sealed class NonDeterminismException(string message) : Exception(message);
