using Dapr.Workflow;
using FsCheck.Xunit;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Unit.Workflow;

public class ReplayTests
{
    private static Action<WorkflowRuntimeOptions> Workflow<T>(Func<WorkflowContext, Task<T>> run) => options => options.RegisterWorkflow<int, T>("W", (context, _) => run(context));

    /// <summary>Whatever steps a workflow has and however often an answer is lost: each step is asked for once, under the next number.</summary>
    [Property(MaxTest = 50)]
    public void Each_step_is_asked_for_exactly_once(byte[] steps, bool[] losses)
    {
        var timeline = new Timeline(Workflow(async context =>
        {
            foreach (var step in steps)
            {
                Task done = (step % 3) switch
                {
                    0 => context.CallActivityAsync<int>($"Step{step}"),
                    1 => context.CreateTimer(TimeSpan.FromSeconds(step + 1)),
                    _ => context.CallChildWorkflowAsync<int>($"Child{step}"),
                };
                await done;
            }

            return steps.Length;
        }));
        for (var at = 0; at < steps.Length; at++)
        {
            if (losses.Length > 0 && losses[at % losses.Length])
            {
                timeline.Turn(lost: true);
            }

            var action = Assert.Single(timeline.Turn().Actions);
            Assert.Equal(at, action.Id);
            timeline.Passes(TimeSpan.FromMinutes(5));
            timeline.Happens((steps[at] % 3) switch
            {
                0 => new HistoryEvent { TaskCompleted = new TaskCompletedEvent { TaskScheduledId = at, Result = "1" } },
                1 => new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = at } },
                _ => new HistoryEvent { ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = at, Result = "1" } },
            });
        }

        var end = Assert.Single(timeline.Turn().Actions).CompleteWorkflow;
        Assert.Equal((OrchestrationStatus.Completed, $"{steps.Length}"), (end.WorkflowStatus, end.Result));
    }

    [Fact]
    public void Clock_and_guids_are_the_same_in_each_replay()
    {
        var seen = new List<(DateTime Time, Guid Id)>();
        var timeline = new Timeline(Workflow(async context =>
        {
            seen.Add((context.CurrentUtcDateTime, context.NewGuid()));
            await context.CallActivityAsync<int>("A");
            await context.CallActivityAsync<int>("B");
            return 0;
        }));
        timeline.Turn();
        timeline.Passes(TimeSpan.FromHours(1));
        timeline.Completes(0, "1");
        timeline.Turn();
        timeline.Passes(TimeSpan.FromHours(1));
        timeline.Completes(1, "1");
        timeline.Turn();
        Assert.Equal(3, seen.Count);
        Assert.Single(seen.Distinct());
    }

    [Fact]
    public void A_replay_safe_logger_says_everything_once()
    {
        var log = new Lines();
        var timeline = new Timeline(Workflow(async context =>
        {
            var logger = context.CreateReplaySafeLogger("letters");
            logger.LogInformation("begin");
            await context.CallActivityAsync<int>("A");
            logger.LogInformation("end");
            return 0;
        }), log);
        timeline.Turn();
        timeline.Completes(0, "1");
        timeline.Turn();
        Assert.Equal(["begin", "end"], log.Texts);
    }

    [Fact]
    public void While_suspended_nothing_is_asked_for_and_nothing_is_lost()
    {
        var timeline = new Timeline(Workflow(async context =>
        {
            var first = await context.WaitForExternalEventAsync<int>("e");
            await context.CallActivityAsync<int>("A");
            return first;
        }));
        timeline.Turn();
        timeline.Happens(new HistoryEvent { ExecutionSuspended = new ExecutionSuspendedEvent() });
        Assert.Empty(timeline.Turn().Actions);
        timeline.Raises("e", "7");
        Assert.Empty(timeline.Turn().Actions);
        timeline.Happens(new HistoryEvent { ExecutionResumed = new ExecutionResumedEvent() });
        Assert.Equal("A", Assert.Single(timeline.Turn().Actions).ScheduleTask.Name);
        timeline.Completes(0, "1");
        Assert.Equal("7", Assert.Single(timeline.Turn().Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public void Termination_ends_the_workflow_with_the_given_output()
    {
        var timeline = new Timeline(Workflow(context => context.WaitForExternalEventAsync<int>("e")));
        timeline.Turn();
        timeline.Happens(new HistoryEvent { ExecutionTerminated = new ExecutionTerminatedEvent { Input = "\"stopped\"" } });
        timeline.Raises("e", "1");
        var end = Assert.Single(timeline.Turn().Actions).CompleteWorkflow;
        Assert.Equal((OrchestrationStatus.Terminated, "\"stopped\""), (end.WorkflowStatus, end.Result));
    }

    [Fact]
    public void Unread_events_go_along_with_continue_as_new_when_asked_to()
    {
        var timeline = new Timeline(Workflow(async context =>
        {
            await context.WaitForExternalEventAsync<int>("go");
            context.ContinueAsNew(2);
            return 0;
        }));
        timeline.Raises("kept", "1");
        timeline.Raises("go", "1");
        timeline.Raises("kept", "2");
        var action = Assert.Single(timeline.Turn().Actions).CompleteWorkflow;
        Assert.Equal((OrchestrationStatus.ContinuedAsNew, "2"), (action.WorkflowStatus, action.Result));
        Assert.Equal(["1", "2"], action.CarryoverEvents.Select(happened => happened.EventRaised.Input));
    }

    [Fact]
    public void A_result_that_came_before_the_code_asks_needs_no_scheduling()
    {
        var timeline = new Timeline(Workflow(async context => await context.CallActivityAsync<int>("A")));
        timeline.Completes(0, "5");
        timeline.Redeploy(Workflow(async context =>
        {
            await context.WaitForExternalEventAsync<int>("go");
            return await context.CallActivityAsync<int>("A");
        }));
        timeline.Turn();
        timeline.Raises("go", "1");
        Assert.Equal("5", Assert.Single(timeline.Turn().Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public void An_endless_wait_makes_an_optional_timer_that_a_history_may_have_or_not()
    {
        var timeline = new Timeline(Workflow(async context =>
        {
            await context.WaitForExternalEventAsync<int>("e", Timeout.InfiniteTimeSpan);
            return await context.CallActivityAsync<int>("A");
        }));
        var timer = Assert.Single(timeline.Turn(lost: true).Actions);
        Assert.Equal((253402300799, "e"), (timer.CreateTimer.FireAt.Seconds, timer.CreateTimer.ExternalEvent.Name));

        // A worker without such timers had the activity as step 0.
        timeline.Raises("e", "1");
        timeline.Had(new HistoryEvent { EventId = -1, WorkflowStarted = new WorkflowStartedEvent() });
        timeline.Had(timelineStart(timeline));
        timeline.Had(new HistoryEvent { EventId = -1, EventRaised = new EventRaisedEvent { Name = "e", Input = "1" } });
        timeline.Had(new HistoryEvent { EventId = 0, TaskScheduled = new TaskScheduledEvent { Name = "A" } });
        timeline.Completes(0, "9");
        Assert.Equal("9", timeline.Turn().Actions.Single(action => action.CompleteWorkflow is not null).CompleteWorkflow.Result);

        static HistoryEvent timelineStart(Timeline _) =>
            new() { EventId = -1, ExecutionStarted = new ExecutionStartedEvent { Name = "W", WorkflowInstance = new WorkflowInstance { InstanceId = "i" } } };
    }

    [Fact]
    public void A_history_with_optional_timers_fits_code_that_makes_none()
    {
        var timeline = new Timeline(Workflow(async context =>
        {
            await context.WaitForExternalEventAsync<int>("e");
            return await context.CallActivityAsync<int>("A");
        }));
        timeline.Turn();
        timeline.Had(new HistoryEvent
        {
            EventId = 0,
            TimerCreated = new TimerCreatedEvent { FireAt = new Timestamp { Seconds = 253402300799, Nanos = 999999999 }, ExternalEvent = new TimerOriginExternalEvent { Name = "e" } },
        });
        timeline.Raises("e", "1");
        var action = Assert.Single(timeline.Turn().Actions);
        Assert.Equal((1, "A"), (action.Id, action.ScheduleTask.Name));
        timeline.Completes(1, "9");
        Assert.Equal("9", Assert.Single(timeline.Turn().Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public void A_patch_is_off_where_old_code_has_passed_and_on_where_new_code_comes_first()
    {
        static Func<WorkflowContext, Task<string>> Code(bool patched) => async context =>
        {
            var before = patched && context.IsPatched("before");
            await context.WaitForExternalEventAsync<int>("go");
            var after = patched && context.IsPatched("after");
            await context.WaitForExternalEventAsync<int>("end");
            return $"{before} {after}";
        };
        var timeline = new Timeline(Workflow(Code(patched: false)));
        Assert.Null(timeline.Turn().Version);
        timeline.Redeploy(Workflow(Code(patched: true)));
        timeline.Raises("go", "1");
        Assert.Equal(["after"], timeline.Turn().Version.Patches);
        timeline.Raises("end", "1");
        var last = timeline.Turn();
        Assert.Equal(["after"], last.Version.Patches);
        Assert.Equal("\"False True\"", Assert.Single(last.Actions).CompleteWorkflow.Result);
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public List<string> Texts { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Texts.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
