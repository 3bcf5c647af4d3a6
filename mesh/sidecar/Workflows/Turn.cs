using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>What one turn changes: computed from the state, the events it took and the worker's answer, and not applied to anything.</summary>
internal sealed class Turn
{
    private readonly InstanceState _state;
    private readonly string _appId;
    private readonly Timestamp _now;

    private Turn(InstanceState state, string appId, DateTimeOffset now)
    {
        _state = state;
        _appId = appId;
        _now = Timestamp.FromDateTimeOffset(now);
    }

    /// <summary>Events for the history. Those of <see cref="NewGeneration"/> go to the inbox of the new run instead.</summary>
    public List<HistoryEvent> Events { get; } = [];

    /// <summary>Messages for other instances.</summary>
    public List<OutboxMessage> Messages { get; } = [];

    public string? CustomStatus { get; private set; }

    /// <summary>The first events of the next run when the workflow continues as new.</summary>
    public List<HistoryEvent>? NewGeneration { get; private set; }

    /// <summary>Set when the code that is there cannot go on with this instance: the turn's events stay in the inbox.</summary>
    public ExecutionStalledEvent? Stall { get; private set; }

    private HistoryEvent? Completed { get; set; }

    /// <summary>Throws <see cref="InvalidDataException"/> on an answer that makes no sense.</summary>
    public static Turn Of(InstanceState state, string appId, IReadOnlyList<HistoryEvent> taken, WorkflowResponse response, DateTimeOffset now)
    {
        var turn = new Turn(state, appId, now);
        turn.Run(taken, response);
        return turn;
    }

    private void Run(IReadOnlyList<HistoryEvent> taken, WorkflowResponse response)
    {
        CustomStatus = response.CustomStatus;
        Events.AddRange(taken.Select(happened => happened.Clone()));
        var terminated = _state.Terminated ?? Events.FirstOrDefault(happened => happened.ExecutionTerminated is not null);
        if (response.Actions.Any(action => action.WorkflowVersionNotAvailable is not null))
        {
            Stop(StalledReason.VersionNotAvailable, $"Version not available: {_state.History.Select(e => e.WorkflowStarted?.Version?.Name).FirstOrDefault(name => !string.IsNullOrEmpty(name))}");
            return;
        }

        if (terminated is null && response.Actions.Count > 0 && !KnowsPatches(response.Version))
        {
            Stop(StalledReason.PatchMismatch,
                $"Patch mismatch. History patches: [{string.Join(", ", _state.Patches)}], current patches: [{string.Join(", ", response.Version?.Patches ?? [])}]. ");
            return;
        }

        NoteVersion(response.Version);
        foreach (var action in response.Actions)
        {
            var router = action.Router?.Clone() ?? new TaskRouter();
            router.SourceAppID = _appId;
            if (action.CompleteWorkflow?.WorkflowStatus == OrchestrationStatus.ContinuedAsNew)
            {
                if (Completed is not null || terminated is not null)
                {
                    continue;
                }

                ContinueAsNew(action.CompleteWorkflow, router);
                return;
            }

            Apply(action, router);
        }

        if (terminated is null)
        {
            return;
        }

        if (Completed is null)
        {
            Complete(-1, new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Terminated, Result = terminated.ExecutionTerminated.Input }, new TaskRouter { SourceAppID = _appId });
        }

        if (terminated.ExecutionTerminated.Recurse)
        {
            TerminateChildren(terminated.ExecutionTerminated);
        }
    }

    private void Apply(WorkflowAction action, TaskRouter router)
    {
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                Add(action.Id, router).TaskScheduled = new TaskScheduledEvent
                {
                    Name = action.ScheduleTask.Name,
                    Version = action.ScheduleTask.Version,
                    Input = action.ScheduleTask.Input,
                    TaskExecutionId = action.ScheduleTask.TaskExecutionId,
                    ParentTraceContext = Trace,
                };
                if (action.ScheduleTask.HasHistoryPropagationScope)
                {
                    Events[^1].TaskScheduled.HistoryPropagationScope = action.ScheduleTask.HistoryPropagationScope;
                }

                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                Add(action.Id, router).TimerCreated = ToEvent(action.CreateTimer);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                CreateChild(action, router);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateDetachedWorkflow:
                CreateDetached(action, router);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                var sent = Add(action.Id, router);
                sent.EventSent = new EventSentEvent { InstanceId = action.SendEvent.Instance?.InstanceId ?? "", Name = action.SendEvent.Name, Input = action.SendEvent.Data };
                Messages.Add(new OutboxMessage(TargetOf(router), sent.EventSent.InstanceId, new HistoryEvent
                {
                    EventId = -1,
                    Timestamp = EventClock.Next(),
                    EventRaised = new EventRaisedEvent { Name = action.SendEvent.Name, Input = action.SendEvent.Data },
                    Router = router,
                }));
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.TerminateWorkflow:
                Messages.Add(new OutboxMessage(TargetOf(router), action.TerminateWorkflow.InstanceId, new HistoryEvent
                {
                    EventId = -1,
                    Timestamp = _now,
                    ExecutionTerminated = new ExecutionTerminatedEvent { Input = action.TerminateWorkflow.Reason, Recurse = action.TerminateWorkflow.Recurse },
                    Router = router,
                }));
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow when Completed is null:
                Complete(action.Id, action.CompleteWorkflow, router);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow:
                break;
            default:
                throw new InvalidDataException($"unknown action type: {action}");
        }
    }

    private HistoryEvent Add(int id, TaskRouter router)
    {
        var happened = new HistoryEvent { EventId = id, Timestamp = _now, Router = router };
        Events.Add(happened);
        return happened;
    }

    private string TargetOf(TaskRouter router) => router.HasTargetAppID && router.TargetAppID.Length > 0 ? router.TargetAppID : _appId;

    private HistoryEvent Start => _state.Started ?? Events.First(happened => happened.ExecutionStarted is not null);

    private TraceContext? Trace => Start.ExecutionStarted.ParentTraceContext;

    private void CreateChild(WorkflowAction action, TaskRouter router)
    {
        var child = action.CreateChildWorkflow;
        var id = child.InstanceId.Length > 0 ? child.InstanceId : $"{_state.Id}:{action.Id:x4}";
        var created = Add(action.Id, router);
        created.ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
        {
            InstanceId = id,
            Name = child.Name,
            Version = child.Version,
            Input = child.Input,
            ParentTraceContext = Trace,
            RetryParentInstanceInfo = child.RetryParentInstanceInfo,
        };
        if (child.HasHistoryPropagationScope)
        {
            created.ChildWorkflowInstanceCreated.HistoryPropagationScope = child.HistoryPropagationScope;
        }

        Messages.Add(new OutboxMessage(TargetOf(router), id, StartOfChild(created, Start, _appId, _state.Id, _now)));
    }

    /// <summary>The event that starts the child of a recorded creation.</summary>
    public static HistoryEvent StartOfChild(HistoryEvent created, HistoryEvent parentStart, string appId, string parentId, Timestamp now) => new()
    {
        EventId = -1,
        Timestamp = now,
        Router = created.Router,
        ExecutionStarted = new ExecutionStartedEvent
        {
            Name = created.ChildWorkflowInstanceCreated.Name,
            Input = created.ChildWorkflowInstanceCreated.Input,
            ParentTraceContext = created.ChildWorkflowInstanceCreated.ParentTraceContext,
            WorkflowInstance = new WorkflowInstance { InstanceId = created.ChildWorkflowInstanceCreated.InstanceId, ExecutionId = Guid.NewGuid().ToString() },
            ParentInstance = new ParentInstanceInfo
            {
                TaskScheduledId = created.EventId,
                Name = parentStart.ExecutionStarted.Name,
                WorkflowInstance = new WorkflowInstance { InstanceId = parentId, ExecutionId = parentStart.ExecutionStarted.WorkflowInstance?.ExecutionId },
                AppID = appId,
            },
        },
    };

    private void CreateDetached(WorkflowAction action, TaskRouter router)
    {
        var detached = action.CreateDetachedWorkflow;
        if (detached.InstanceId.Length == 0)
        {
            throw new InvalidDataException("CreateDetachedWorkflowAction requires an instance ID");
        }

        Add(action.Id, router).DetachedWorkflowInstanceCreated = new DetachedWorkflowInstanceCreatedEvent { InstanceId = detached.InstanceId };
        var start = new HistoryEvent
        {
            EventId = -1,
            Timestamp = _now,
            ExecutionStarted = new ExecutionStartedEvent
            {
                Name = detached.Name,
                Input = detached.Input,
                ScheduledStartTimestamp = detached.ScheduledStartTimestamp,
                ParentTraceContext = detached.ParentTraceContext ?? Trace,
                WorkflowInstance = new WorkflowInstance
                {
                    InstanceId = detached.InstanceId,
                    ExecutionId = string.IsNullOrEmpty(detached.ExecutionId) ? Guid.NewGuid().ToString() : detached.ExecutionId,
                },
                Tags = { detached.Tags },
            },
            Router = router.HasTargetAppID ? new TaskRouter { TargetAppID = router.TargetAppID } : null,
        };
        Messages.Add(new OutboxMessage(TargetOf(router), detached.InstanceId, start));
    }

    private void Complete(int id, CompleteWorkflowAction completion, TaskRouter router)
    {
        Completed = Add(id, router);
        Completed.ExecutionCompleted = new ExecutionCompletedEvent
        {
            WorkflowStatus = completion.WorkflowStatus,
            Result = completion.Result,
            FailureDetails = completion.FailureDetails,
        };
        if (Start.ExecutionStarted.ParentInstance is not { } parent)
        {
            return;
        }

        var told = new HistoryEvent
        {
            EventId = -1,
            Timestamp = _now,
            Router = parent.HasAppID ? new TaskRouter { SourceAppID = _appId, TargetAppID = parent.AppID } : router,
        };
        if (completion.WorkflowStatus == OrchestrationStatus.Completed)
        {
            told.ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = parent.TaskScheduledId, Result = completion.Result };
        }
        else
        {
            told.ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = parent.TaskScheduledId, FailureDetails = completion.FailureDetails };
        }

        Messages.Add(new OutboxMessage(parent.HasAppID ? parent.AppID : _appId, parent.WorkflowInstance.InstanceId, told));
    }

    private void ContinueAsNew(CompleteWorkflowAction completion, TaskRouter router)
    {
        var before = Start.ExecutionStarted;
        Events.Clear();
        Messages.Clear();
        NewGeneration =
        [
            new HistoryEvent { EventId = -1, Timestamp = _now, WorkflowStarted = new WorkflowStartedEvent(), Router = router },
            new HistoryEvent
            {
                EventId = -1,
                Timestamp = _now,
                Router = router,
                ExecutionStarted = new ExecutionStartedEvent
                {
                    Name = before.Name,
                    ParentInstance = before.ParentInstance,
                    Input = completion.Result,
                    WorkflowInstance = new WorkflowInstance { InstanceId = _state.Id, ExecutionId = Guid.NewGuid().ToString() },
                    ParentTraceContext = before.ParentTraceContext is null ? null : NewTrace(),
                },
            },
            .. completion.CarryoverEvents,
        ];
    }

    /// <summary>Each run of an endless workflow is a trace of its own, else one trace would grow for ever.</summary>
    private static TraceContext NewTrace() => new()
    {
        TraceParent = $"00-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}-01",
    };

    private void TerminateChildren(ExecutionTerminatedEvent terminated)
    {
        var ended = Events.Select(InstanceState.ResolvedBy).OfType<int>().ToHashSet();
        var children = _state.Open.Values.Concat(Events).Where(happened => happened.ChildWorkflowInstanceCreated is not null && !ended.Contains(happened.EventId));
        foreach (var child in children.DistinctBy(child => child.EventId))
        {
            var router = child.Router ?? new TaskRouter { SourceAppID = _appId };
            Messages.Add(new OutboxMessage(TargetOf(router), child.ChildWorkflowInstanceCreated.InstanceId, new HistoryEvent
            {
                EventId = -1,
                Timestamp = _now,
                ExecutionTerminated = new ExecutionTerminatedEvent { Input = terminated.Input, Recurse = true },
                Router = router,
            }));
        }
    }

    private static TimerCreatedEvent ToEvent(CreateTimerAction action)
    {
        var created = new TimerCreatedEvent { FireAt = action.FireAt };
        if (action.HasName)
        {
            created.Name = action.Name;
        }

        switch (action.OriginCase)
        {
            case CreateTimerAction.OriginOneofCase.CreateTimer:
                created.CreateTimer = action.CreateTimer;
                break;
            case CreateTimerAction.OriginOneofCase.ExternalEvent:
                created.ExternalEvent = action.ExternalEvent;
                break;
            case CreateTimerAction.OriginOneofCase.ActivityRetry:
                created.ActivityRetry = action.ActivityRetry;
                break;
            case CreateTimerAction.OriginOneofCase.ChildWorkflowRetry:
                created.ChildWorkflowRetry = action.ChildWorkflowRetry;
                break;
        }

        return created;
    }

    /// <summary>What the history was made with has to be the beginning of what the code knows now.</summary>
    private bool KnowsPatches(WorkflowVersion? version) =>
        _state.Patches.Count == 0 || (version is not null && version.Patches.Take(_state.Patches.Count).SequenceEqual(_state.Patches));

    private void NoteVersion(WorkflowVersion? version)
    {
        if (version is null || Events.FirstOrDefault(happened => happened.WorkflowStarted is not null) is not { } started)
        {
            return;
        }

        // The history keeps only patches that are new in this turn.
        var added = version.Patches.Skip(_state.Patches.Count).ToList();
        started.WorkflowStarted.Version = version.Patches.Count == 0 ? version : added.Count > 0 ? new WorkflowVersion { Patches = { added } } : null;
    }

    private void Stop(StalledReason reason, string description)
    {
        Events.Clear();
        Stall = new ExecutionStalledEvent { Reason = reason, Description = description };
    }
}
