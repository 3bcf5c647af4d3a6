using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Unit.Workflow;

/// <summary>An instance as a sidecar would hold it: gives turns to the worker and writes down what it answers.</summary>
internal sealed class Timeline
{
    private readonly List<HistoryEvent> _history = [];
    private readonly List<HistoryEvent> _new = [];
    private WorkflowTurn _worker;
    private DateTime _now = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);

    public Timeline(Action<WorkflowRuntimeOptions> register, ILoggerFactory? loggers = null)
    {
        _worker = Worker(register, loggers);
        Happens(new HistoryEvent
        {
            ExecutionStarted = new ExecutionStartedEvent { Name = "W", Input = "1", WorkflowInstance = new WorkflowInstance { InstanceId = "i", ExecutionId = Guid.NewGuid().ToString() } },
        });
    }

    public IReadOnlyList<HistoryEvent> History => _history;

    public string InstanceId { get; } = "i";

    /// <summary>From now on another build of the app works.</summary>
    public void Redeploy(Action<WorkflowRuntimeOptions> register) => _worker = Worker(register, null);

    public void Happens(HistoryEvent happened)
    {
        happened.EventId = happened.EventId == 0 ? -1 : happened.EventId;
        happened.Timestamp = Timestamp.FromDateTime(_now);
        _new.Add(happened);
    }

    public void Completes(int task, string result) => Happens(new HistoryEvent { TaskCompleted = new TaskCompletedEvent { TaskScheduledId = task, Result = result } });

    public void Fails(int task, bool nonRetriable = false) => Happens(new HistoryEvent
    {
        TaskFailed = new TaskFailedEvent
        {
            TaskScheduledId = task,
            FailureDetails = new TaskFailureDetails { ErrorType = "System.TimeoutException", ErrorMessage = "no answer", IsNonRetriable = nonRetriable },
        },
    });

    public void Fires(int timer) => Happens(new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = timer } });

    public void Raises(string name, string input) => Happens(new HistoryEvent { EventRaised = new EventRaisedEvent { Name = name, Input = input } });

    public void Passes(TimeSpan time) => _now += time;

    /// <summary>Writes an event into the past, as another worker's doing.</summary>
    public void Had(HistoryEvent happened)
    {
        happened.Timestamp = Timestamp.FromDateTime(_now);
        _history.Add(happened);
    }

    /// <summary>One turn with what has happened; the answer is written to the history unless it is lost.</summary>
    public WorkflowResponse Turn(bool lost = false)
    {
        var request = new WorkflowRequest
        {
            InstanceId = InstanceId,
            PastEvents = { _history },
            NewEvents = { new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTime(_now), WorkflowStarted = new WorkflowStartedEvent() }, _new },
        };
        using var services = new ServiceCollection().BuildServiceProvider();
        var response = _worker.Run(request, "token", services);
        Assert.Equal("token", response.CompletionToken);
        if (lost)
        {
            return response;
        }

        if (response.Version is { } version)
        {
            request.NewEvents[0].WorkflowStarted.Version = new WorkflowVersion { Patches = { version.Patches.Skip(_history.Sum(e => e.WorkflowStarted?.Version?.Patches.Count ?? 0)) } };
        }

        _history.AddRange(request.NewEvents);
        _new.Clear();
        _history.AddRange(response.Actions.Select(Commit).OfType<HistoryEvent>());
        return response;
    }

    private HistoryEvent? Commit(WorkflowAction action)
    {
        var happened = new HistoryEvent { EventId = action.Id, Timestamp = Timestamp.FromDateTime(_now) };
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                happened.TaskScheduled = new TaskScheduledEvent { Name = action.ScheduleTask.Name, TaskExecutionId = action.ScheduleTask.TaskExecutionId };
                return happened;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                happened.TimerCreated = new TimerCreatedEvent { FireAt = action.CreateTimer.FireAt, ExternalEvent = action.CreateTimer.ExternalEvent };
                return happened;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                happened.ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
                {
                    Name = action.CreateChildWorkflow.Name,
                    InstanceId = action.CreateChildWorkflow.InstanceId,
                };
                return happened;
            default:
                return null;
        }
    }

    private static WorkflowTurn Worker(Action<WorkflowRuntimeOptions> register, ILoggerFactory? loggers)
    {
        var options = new WorkflowRuntimeOptions();
        register(options);
        return new WorkflowTurn(new WorkflowRegistry([options]), loggers ?? NullLoggerFactory.Instance);
    }
}
