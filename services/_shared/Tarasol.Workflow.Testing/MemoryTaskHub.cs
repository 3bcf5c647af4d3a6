using System.Diagnostics;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Workflow.Testing;

/// <summary>
/// The task hub of some apps in memory: gives turns and activities to their code, one after the other, and writes down the answers as a sidecar does. Its clock is
/// the test's, so that a timer fires when the test says.
/// </summary>
internal sealed class MemoryTaskHub(VirtualClock clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemoryApp> _apps = new(StringComparer.Ordinal);
    private readonly Queue<Action> _work = [];
    private readonly List<string> _running = [];
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Order)> _timers = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _idle;
    private bool _pumping;
    private int _busy;
    private long _order;

    /// <summary>When the next timer falls due; null: none is set that ever would.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
            {
                return _timers.TryPeek(out _, out var first) ? first.Due : null;
            }
        }
    }

    public string UnderWay
    {
        get
        {
            lock (_gate)
            {
                return _running.Count == 0 ? "a turn" : string.Join(", ", _running);
            }
        }
    }

    private Timestamp Now => Timestamp.FromDateTimeOffset(clock.GetUtcNow());

    /// <summary>Adds an app, or gives it other code: what stalled is tried again with it.</summary>
    public void AddApp(string appId, Action<WorkflowRuntimeOptions> register, IServiceProvider services)
    {
        var options = new WorkflowRuntimeOptions();
        register(options);
        var registry = new WorkflowRegistry([options]);
        var turns = new WorkflowTurn(registry, services.GetRequiredService<ILoggerFactory>());
        var activities = new ActivityRun(registry);
        lock (_gate)
        {
            if (!_apps.TryGetValue(appId, out var app))
            {
                _apps[appId] = new MemoryApp(appId, services) { Turns = turns, Activities = activities };
                return;
            }

            (app.Turns, app.Activities) = (turns, activities);
            foreach (var instance in app.Instances.Values.Where(instance => instance.Stalled is not null))
            {
                instance.Stalled = null;
                Kick(instance);
            }
        }
    }

    /// <summary>Completes when no turn and no activity is queued or running.</summary>
    public Task IdleAsync()
    {
        lock (_gate)
        {
            return _busy == 0 ? Task.CompletedTask : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>What the clock has reached happens, in the order of the due times.</summary>
    public void FireDue()
    {
        lock (_gate)
        {
            while (_timers.TryPeek(out var happens, out var first) && first.Due <= clock.GetUtcNow())
            {
                _timers.Dequeue();
                happens();
            }
        }
    }

    public async Task<CreateInstanceResponse> StartAsync(string appId, CreateInstanceRequest request, CancellationToken cancel)
    {
        lock (_gate)
        {
            var instances = _apps[appId].Instances;
            if (instances.TryGetValue(request.InstanceId, out var before))
            {
                if (!MemoryInstance.IsTerminal(before.Status))
                {
                    throw Refused(StatusCode.AlreadyExists, "failed to create workflow instance: rpc error: code = AlreadyExists desc = an active workflow with ID "
                        + $"'{request.InstanceId}' already exists");
                }

                instances.Remove(request.InstanceId);
            }

            Create(appId, new ExecutionStartedEvent
            {
                Name = request.Name,
                Input = request.Input,
                ScheduledStartTimestamp = request.ScheduledStartTimestamp,
                ParentTraceContext = request.ParentTraceContext,
                WorkflowInstance = new WorkflowInstance { InstanceId = request.InstanceId, ExecutionId = Guid.NewGuid().ToString() },
            });
        }

        if (request.ScheduledStartTimestamp is null)
        {
            await WaitAsync(appId, new GetInstanceRequest { InstanceId = request.InstanceId }, status => status != OrchestrationStatus.Pending, cancel);
        }

        return new CreateInstanceResponse { InstanceId = request.InstanceId };
    }

    public GetInstanceResponse Get(string appId, GetInstanceRequest request)
    {
        lock (_gate)
        {
            return _apps[appId].Instances.TryGetValue(request.InstanceId, out var instance) ? Describe(instance, request.GetInputsAndOutputs) : new GetInstanceResponse();
        }
    }

    public async Task<GetInstanceResponse> WaitAsync(string appId, GetInstanceRequest request, Func<OrchestrationStatus, bool> until, CancellationToken cancel)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_apps[appId].Instances.TryGetValue(request.InstanceId, out var instance) && until(instance.Status))
                {
                    return Describe(instance, request.GetInputsAndOutputs);
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancel);
        }
    }

    /// <summary>Adds an event to an instance's inbox.</summary>
    public void Add(string appId, string id, HistoryEvent happened)
    {
        lock (_gate)
        {
            var instance = _apps[appId].Instances.GetValueOrDefault(id)
                ?? throw Refused(StatusCode.Unknown, (happened.ExecutionTerminated is null ? "" : "failed to submit termination request: ") + "no such instance exists");
            if (instance.Stalled is not null && happened.EventRaised is not null)
            {
                throw Refused(StatusCode.Unknown, "workflow is stalled");
            }

            Receive(instance, happened);
        }
    }

    public int Purge(string appId, string id, bool recursive, bool force)
    {
        lock (_gate)
        {
            if (!_apps[appId].Instances.TryGetValue(id, out var instance))
            {
                throw Refused(StatusCode.Unknown, $"failed to purge workflow state: {(recursive ? "failed to fetch workflow state: " : "")}no such instance exists");
            }

            return Purge(instance, recursive, force);
        }
    }

    public ListInstanceIDsResponse List(string appId, ListInstanceIDsRequest request)
    {
        lock (_gate)
        {
            var from = request.HasContinuationToken ? int.Parse(request.ContinuationToken, System.Globalization.CultureInfo.InvariantCulture) : 0;
            var size = request.HasPageSize ? (int)request.PageSize : 1024;
            var ids = _apps[appId].Instances.Keys.ToList();
            var page = new ListInstanceIDsResponse { InstanceIds = { ids.Skip(from).Take(size) } };
            if (from + size < ids.Count)
            {
                page.ContinuationToken = (from + size).ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            return page;
        }
    }

    public IReadOnlyList<HistoryEvent> History(string appId, string id)
    {
        lock (_gate)
        {
            return _apps[appId].Instances.TryGetValue(id, out var instance)
                ? [.. instance.History]
                : throw Refused(StatusCode.NotFound, $"workflow instance '{id}' not found");
        }
    }

    public string Rerun(string appId, RerunWorkflowFromEventRequest request)
    {
        lock (_gate)
        {
            var instances = _apps[appId].Instances;
            var newId = request.HasNewInstanceID ? request.NewInstanceID : Guid.NewGuid().ToString();
            var history = MemoryRerun.HistoryFor(instances.GetValueOrDefault(request.SourceInstanceID), request, newId, Now);
            if (instances.ContainsKey(newId))
            {
                throw Refused(StatusCode.AlreadyExists, $"workflow '{newId}' has already been created");
            }

            var instance = new MemoryInstance(appId, newId);
            instances.Add(newId, instance);
            instance.History.AddRange(history);
            foreach (var step in history.Where(happened => instance.IsOpen(happened.EventId)).ToList())
            {
                Begin(instance, step);
            }

            return newId;
        }
    }

    // ---- under the gate ----

    private MemoryInstance? Find(string appId, string id) => _apps.GetValueOrDefault(appId)?.Instances.GetValueOrDefault(id);

    private void Create(string appId, ExecutionStartedEvent start, TaskRouter? router = null)
    {
        var instance = new MemoryInstance(appId, start.WorkflowInstance.InstanceId);
        _apps[appId].Instances.Add(instance.Id, instance);
        Receive(instance, new HistoryEvent { ExecutionStarted = start, Router = router ?? new TaskRouter { SourceAppID = appId } });
        if (start.ScheduledStartTimestamp is { } later && later.ToDateTimeOffset() > clock.GetUtcNow())
        {
            At(later.ToDateTimeOffset(), () => Kick(instance));
        }
    }

    private void Receive(MemoryInstance instance, HistoryEvent happened)
    {
        if (MemoryInstance.IsTerminal(instance.Status) || (MemoryInstance.Ended(happened) is { } step && !instance.IsOpen(step)))
        {
            return;
        }

        (happened.EventId, happened.Timestamp) = (-1, Now);
        instance.Inbox.Add(happened);
        if (happened.EventRaised is { } raised)
        {
            instance.CancelTimerOf(raised.Name);
        }

        Kick(instance);
    }

    private void Kick(MemoryInstance instance)
    {
        if (instance.IsTaken || instance.Stalled is not null || instance.Inbox.Count == 0 || MemoryInstance.IsTerminal(instance.Status))
        {
            return;
        }

        var later = instance.History.Count == 0 ? instance.Start?.ExecutionStarted.ScheduledStartTimestamp?.ToDateTimeOffset() : null;
        if (later > clock.GetUtcNow() && !instance.Inbox.Exists(happened => happened.ExecutionTerminated is not null))
        {
            return;
        }

        instance.IsTaken = true;
        Queue(() => RunTurn(instance));
    }

    private void At(DateTimeOffset due, Action happens)
    {
        _timers.Enqueue(happens, (due, _order++));
        if (due <= clock.GetUtcNow())
        {
            FireDue();
        }
    }

    private void Queue(Action work)
    {
        _busy++;
        _work.Enqueue(work);
        if (!_pumping)
        {
            _pumping = true;
            _ = Task.Run(Pump);
        }
    }

    private void Over()
    {
        if (--_busy == 0)
        {
            _idle?.TrySetResult();
            _idle = null;
        }
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private int Purge(MemoryInstance instance, bool recursive, bool force)
    {
        if (!force && instance.Stalled is not null)
        {
            throw Refused(StatusCode.Unknown, "failed to purge workflow state: workflow is stalled");
        }

        if (!force && !MemoryInstance.IsTerminal(instance.Status))
        {
            throw Refused(StatusCode.Unknown, "failed to purge workflow state: orchestration has not yet completed");
        }

        var count = 1;
        foreach (var child in recursive ? instance.Children.ToList() : [])
        {
            count += Find(AppOf(child.Router, instance.AppId), child.ChildWorkflowInstanceCreated.InstanceId) is { } found ? Purge(found, recursive, force) : 0;
        }

        _apps[instance.AppId].Instances.Remove(instance.Id);
        instance.Generation++;
        Changed();
        return count;
    }

    /// <summary>Sets a step of the history going.</summary>
    private void Begin(MemoryInstance instance, HistoryEvent step)
    {
        switch (step.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.TaskScheduled:
                var generation = instance.Generation;
                Queue(() => _ = RunActivityAsync(instance, generation, step));
                break;
            case HistoryEvent.EventTypeOneofCase.TimerCreated when step.TimerCreated.FireAt.Seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds():
                var armed = instance.Generation;
                At(step.TimerCreated.FireAt.ToDateTimeOffset(), () =>
                {
                    if (instance.Generation == armed && !instance.CancelledTimers.Contains(step.EventId))
                    {
                        Receive(instance, new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = step.EventId, FireAt = step.TimerCreated.FireAt } });
                    }
                });
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
                StartChild(instance, step);
                break;
        }
    }

    private void StartChild(MemoryInstance parent, HistoryEvent step)
    {
        var created = step.ChildWorkflowInstanceCreated;
        var target = AppOf(step.Router, parent.AppId);
        var existing = Find(target, created.InstanceId);
        TaskFailureDetails? refused = null;
        if (!_apps.TryGetValue(target, out var app))
        {
            refused = NoSuchApp(target);
        }
        else if (existing is not null && !MemoryInstance.IsTerminal(existing.Status))
        {
            refused = new TaskFailureDetails { ErrorType = "WorkflowInstanceAlreadyExists", ErrorMessage = $"an active workflow with ID '{created.InstanceId}' already exists" };
        }
        else
        {
            app.Instances.Remove(created.InstanceId);
            var start = parent.Start!.ExecutionStarted;
            Create(target, new ExecutionStartedEvent
            {
                Name = created.Name,
                Input = created.Input,
                ParentTraceContext = created.ParentTraceContext,
                WorkflowInstance = new WorkflowInstance { InstanceId = created.InstanceId, ExecutionId = Guid.NewGuid().ToString() },
                ParentInstance = new ParentInstanceInfo
                {
                    TaskScheduledId = step.EventId,
                    Name = start.Name,
                    WorkflowInstance = new WorkflowInstance { InstanceId = parent.Id, ExecutionId = start.WorkflowInstance.ExecutionId },
                    AppID = parent.AppId,
                },
            }, step.Router);
        }

        if (refused is not null)
        {
            Receive(parent, new HistoryEvent { ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = step.EventId, FailureDetails = refused } });
        }
    }

    private void Apply(MemoryInstance instance, List<HistoryEvent> events, int taken, WorkflowResponse response)
    {
        var terminated = instance.History.Concat(events).FirstOrDefault(happened => happened.ExecutionTerminated is not null)?.ExecutionTerminated;
        var known = instance.Patches.ToList();
        if (response.Actions.Any(action => action.WorkflowVersionNotAvailable is not null))
        {
            instance.Stalled = "the workflow's version is not available";
            return;
        }

        if (terminated is null && response.Actions.Count > 0 && known.Count > 0 && response.Version?.Patches.Take(known.Count).SequenceEqual(known) != true)
        {
            instance.Stalled = $"the history was made with the patches {string.Join(", ", known)}";
            return;
        }

        if (response.Version is { } version && version.Patches.Skip(known.Count).ToList() is { Count: > 0 } added)
        {
            events[0].WorkflowStarted.Version = new WorkflowVersion { Patches = { added } };
        }

        var start = instance.Start!;
        instance.Inbox.RemoveRange(0, taken);
        instance.CustomStatus = response.CustomStatus;
        if (terminated is null && response.Actions.Select(action => action.CompleteWorkflow).FirstOrDefault(complete => complete is not null) is
            { WorkflowStatus: OrchestrationStatus.ContinuedAsNew } next)
        {
            ContinueAsNew(instance, start, next);
            return;
        }

        instance.History.AddRange(events);
        foreach (var action in response.Actions)
        {
            Apply(instance, action);
        }

        if (terminated is null)
        {
            return;
        }

        if (instance.Completed is null)
        {
            Complete(instance, -1, new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Terminated, Result = terminated.Input });
        }

        foreach (var child in terminated.Recurse ? instance.Children.ToList() : [])
        {
            if (Find(AppOf(child.Router, instance.AppId), child.ChildWorkflowInstanceCreated.InstanceId) is { } found && instance.IsOpen(child.EventId))
            {
                Receive(found, new HistoryEvent { ExecutionTerminated = terminated.Clone() });
            }
        }
    }

    private void ContinueAsNew(MemoryInstance instance, HistoryEvent started, CompleteWorkflowAction next)
    {
        var start = started.ExecutionStarted;
        var later = instance.Inbox.Where(happened => MemoryInstance.Ended(happened) is null).ToList();
        instance.History.Clear();
        instance.Inbox.Clear();
        instance.CancelledTimers.Clear();
        instance.Generation++;
        instance.Inbox.Add(new HistoryEvent { EventId = -1, Timestamp = Now, WorkflowStarted = new WorkflowStartedEvent() });
        instance.Inbox.Add(new HistoryEvent
        {
            EventId = -1,
            Timestamp = Now,
            Router = started.Router,
            ExecutionStarted = new ExecutionStartedEvent
            {
                Name = start.Name,
                Input = next.Result,
                ParentInstance = start.ParentInstance,
                ParentTraceContext = start.ParentTraceContext is null ? null : NewTrace(),
                WorkflowInstance = new WorkflowInstance { InstanceId = instance.Id, ExecutionId = Guid.NewGuid().ToString() },
            },
        });
        instance.Inbox.AddRange(next.CarryoverEvents);
        instance.Inbox.AddRange(later);
    }

    /// <summary>Each run of an endless workflow is a trace of its own, else one trace would grow for ever.</summary>
    private static TraceContext NewTrace() => new() { TraceParent = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01" };

    private void Apply(MemoryInstance instance, WorkflowAction action)
    {
        var step = new HistoryEvent { EventId = action.Id, Timestamp = Now, Router = action.Router };
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                step.TaskScheduled = new TaskScheduledEvent
                {
                    Name = action.ScheduleTask.Name,
                    Input = action.ScheduleTask.Input,
                    TaskExecutionId = action.ScheduleTask.TaskExecutionId,
                    ParentTraceContext = instance.Start!.ExecutionStarted.ParentTraceContext,
                };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                step.TimerCreated = new TimerCreatedEvent { FireAt = action.CreateTimer.FireAt };
                if (action.CreateTimer.ExternalEvent is { } guarded)
                {
                    step.TimerCreated.ExternalEvent = guarded;
                }

                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                var child = action.CreateChildWorkflow;
                step.ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
                {
                    InstanceId = child.InstanceId.Length > 0 ? child.InstanceId : $"{instance.Id}:{action.Id:x4}",
                    Name = child.Name,
                    Input = child.Input,
                    ParentTraceContext = instance.Start!.ExecutionStarted.ParentTraceContext,
                };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                step.EventSent = new EventSentEvent { InstanceId = action.SendEvent.Instance.InstanceId, Name = action.SendEvent.Name, Input = action.SendEvent.Data };
                if (Find(AppOf(action.Router, instance.AppId), step.EventSent.InstanceId) is { } told)
                {
                    Receive(told, new HistoryEvent { EventRaised = new EventRaisedEvent { Name = action.SendEvent.Name, Input = action.SendEvent.Data } });
                }

                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow:
                if (instance.Completed is null)
                {
                    Complete(instance, action.Id, action.CompleteWorkflow);
                }

                return;
            default:
                throw new InvalidOperationException($"this hub does not know the action {action.WorkflowActionTypeCase}");
        }

        instance.History.Add(step);
        Begin(instance, step);
    }

    private void Complete(MemoryInstance instance, int id, CompleteWorkflowAction completion)
    {
        instance.History.Add(new HistoryEvent
        {
            EventId = id,
            Timestamp = Now,
            ExecutionCompleted = new ExecutionCompletedEvent { WorkflowStatus = completion.WorkflowStatus, Result = completion.Result, FailureDetails = completion.FailureDetails },
        });
        instance.Inbox.Clear();
        if (instance.Start!.ExecutionStarted.ParentInstance is not { } parent || Find(parent.AppID, parent.WorkflowInstance.InstanceId) is not { } found)
        {
            return;
        }

        Receive(found, completion.WorkflowStatus == OrchestrationStatus.Completed
            ? new HistoryEvent { ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = parent.TaskScheduledId, Result = completion.Result } }
            : new HistoryEvent
            {
                ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = parent.TaskScheduledId, FailureDetails = completion.FailureDetails },
            });
    }

    // ---- outside of the gate ----

    private void Pump()
    {
        while (true)
        {
            Action work;
            lock (_gate)
            {
                if (!_work.TryDequeue(out work!))
                {
                    _pumping = false;
                    return;
                }
            }

            try
            {
                work();
            }
#pragma warning disable CA1031 // Whoever waits for this hub is told, instead of waiting for ever.
            catch (Exception error)
            {
                lock (_gate)
                {
                    _changed.TrySetException(error);
                    _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _idle.TrySetException(error);
                }

                return;
            }
#pragma warning restore CA1031

            lock (_gate)
            {
                Over();
            }
        }
    }

    private void RunTurn(MemoryInstance instance)
    {
        WorkflowRequest request;
        int taken;
        MemoryApp app;
        lock (_gate)
        {
            app = _apps[instance.AppId];
            taken = instance.Inbox.Count;
            request = new WorkflowRequest { InstanceId = instance.Id, PastEvents = { instance.History } };
            if (instance.Inbox[0].WorkflowStarted is null)
            {
                request.NewEvents.Add(new HistoryEvent { EventId = -1, Timestamp = Now, WorkflowStarted = new WorkflowStartedEvent() });
            }

            request.NewEvents.Add(instance.Inbox);
        }

        var response = app.Run(request);
        lock (_gate)
        {
            instance.IsTaken = false;
            if (Find(instance.AppId, instance.Id) != instance)
            {
                return;
            }

            Apply(instance, [.. request.NewEvents], taken, response);
            Kick(instance);
            Changed();
        }
    }

    private async Task RunActivityAsync(MemoryInstance instance, int generation, HistoryEvent step)
    {
        var task = step.TaskScheduled;
        var target = AppOf(step.Router, instance.AppId);
        MemoryApp? app;
        lock (_gate)
        {
            if (instance.Generation != generation || MemoryInstance.IsTerminal(instance.Status))
            {
                return;
            }

            app = _apps.GetValueOrDefault(target);
            _busy++;
            _running.Add($"activity '{task.Name}'");
        }

        var response = app is null ? new ActivityResponse { FailureDetails = NoSuchApp(target) } : await app.RunAsync(new ActivityRequest
        {
            Name = task.Name,
            Input = task.Input,
            TaskId = step.EventId,
            TaskExecutionId = task.TaskExecutionId,
            ParentTraceContext = task.ParentTraceContext,
            WorkflowInstance = new WorkflowInstance { InstanceId = instance.Id },
        });
        lock (_gate)
        {
            _running.Remove($"activity '{task.Name}'");
            if (instance.Generation == generation)
            {
                Receive(instance, response.FailureDetails is { } failure
                    ? new HistoryEvent { TaskFailed = new TaskFailedEvent { TaskScheduledId = step.EventId, FailureDetails = failure, TaskExecutionId = task.TaskExecutionId } }
                    : new HistoryEvent { TaskCompleted = new TaskCompletedEvent { TaskScheduledId = step.EventId, Result = response.Result, TaskExecutionId = task.TaskExecutionId } });
            }

            Over();
        }
    }

    private static string AppOf(TaskRouter? router, string own) => router is { HasTargetAppID: true, TargetAppID: { Length: > 0 } target } ? target : own;

    private static TaskFailureDetails NoSuchApp(string appId) =>
        new() { ErrorType = "AppNotFound", ErrorMessage = $"No app with the id '{appId}' runs workflows on this host.", IsNonRetriable = true };

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));

    private static GetInstanceResponse Describe(MemoryInstance instance, bool withPayloads)
    {
        var start = instance.Start!;
        var state = new Protocol.WorkflowState
        {
            InstanceId = instance.Id,
            Name = start.ExecutionStarted.Name,
            WorkflowStatus = instance.Status,
            CreatedTimestamp = start.Timestamp,
            LastUpdatedTimestamp = (instance.History.Count > 0 ? instance.History[^1] : start).Timestamp,
        };
        if (withPayloads)
        {
            state.Input = start.ExecutionStarted.Input;
            state.CustomStatus = instance.CustomStatus;
            state.Output = instance.Completed?.ExecutionCompleted.Result;
            state.FailureDetails = instance.Completed?.ExecutionCompleted.FailureDetails;
        }

        return new GetInstanceResponse { Exists = true, WorkflowState = state };
    }
}
