using Dapr.Workflow;
using Tarasol.Correspondence.Routing;
using Tarasol.Workflow.Testing;

namespace Tarasol.Tests.Unit.Workflow;

/// <summary>Workflows without a sidecar, on a clock of the test's own.</summary>
public sealed class WorkflowRunnerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task The_clock_stands_until_it_is_moved_and_then_a_timer_fires_at_its_time()
    {
        await using var runner = new WorkflowRunner(options => options.RegisterWorkflow<int, DateTime>("Sleeps", async (context, days) =>
        {
            await context.CreateTimer(TimeSpan.FromDays(days));
            return context.CurrentUtcDateTime;
        }));
        var began = runner.Clock.GetUtcNow();
        var id = await runner.Client.ScheduleNewWorkflowAsync("Sleeps", null, 30);
        await runner.AdvanceAsync(TimeSpan.FromDays(29.5));
        Assert.Equal(WorkflowRuntimeStatus.Running, (await runner.Client.GetWorkflowStateAsync(id)).RuntimeStatus);
        await runner.AdvanceAsync(TimeSpan.FromDays(1));
        var ended = await runner.Client.GetWorkflowStateAsync(id);
        Assert.Equal(began.AddDays(30).UtcDateTime, ended.ReadOutputAs<DateTime>());
        Assert.Equal(began.AddDays(30.5), runner.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Retries_of_hours_are_over_at_once()
    {
        var tries = new List<DateTimeOffset>();
        WorkflowRunner runner = null!;
        runner = new WorkflowRunner(options =>
        {
            options.RegisterWorkflow<object?, string>("Patient", async (context, _) => await context.CallActivityAsync<string>(
                "Try", null, new WorkflowTaskOptions(new WorkflowRetryPolicy(10, TimeSpan.FromHours(1), 2))));
            options.RegisterActivity<object?, string>("Try", (_, _) =>
            {
                tries.Add(runner.Clock.GetUtcNow());
                return tries.Count < 4 ? throw new TimeoutException("not yet") : Task.FromResult("at last");
            });
        });
        await using (runner)
        {
            Assert.Equal("at last", await runner.RunAsync<string>("Patient"));
        }

        Assert.Equal([TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4)], tries.Zip(tries.Skip(1), (one, next) => next - one));
    }

    [Fact]
    public async Task Who_waits_for_an_event_that_nobody_raises_is_told_so()
    {
        await using var runner = new WorkflowRunner(options => options.RegisterWorkflow<object?, string>("Waits", async (context, _) => await context.WaitForExternalEventAsync<string>("go")));
        var id = await runner.Client.ScheduleNewWorkflowAsync("Waits");
        var told = await Assert.ThrowsAsync<InvalidOperationException>(() => runner.RunToEndAsync(id));
        Assert.Contains("it waits for an event", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activity_that_hangs_is_named()
    {
        await using var runner = new WorkflowRunner(options =>
        {
            options.RegisterActivity<object?, string>("Hangs", async (_, _) =>
            {
                await new TaskCompletionSource().Task;
                return "";
            });
            options.RegisterWorkflow<object?, string>("Calls", async (context, _) => await context.CallActivityAsync<string>("Hangs"));
        }) { Patience = TimeSpan.FromMilliseconds(100) };
        await runner.Client.ScheduleNewWorkflowAsync("Calls").WaitAsync(Deadline);
        var told = await Assert.ThrowsAsync<TimeoutException>(runner.SettleAsync);
        Assert.Contains("activity 'Hangs'", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_workflow_throws_with_its_reason()
    {
        await using var runner = new WorkflowRunner(options => options.RegisterWorkflow<object?, string>("Fails", (_, _) => throw new ArgumentException("bad letter")));
        var failed = await Assert.ThrowsAsync<WorkflowTaskFailedException>(() => runner.RunAsync<string>("Fails"));
        Assert.Equal("System.ArgumentException", failed.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task A_circuit_goes_from_desk_to_desk_over_weeks()
    {
        var opened = new List<OpenTask.Input>();
        await using var runner = new WorkflowRunner(options =>
        {
            options.RegisterWorkflow<LetterRoutingWorkflow>();
            options.RegisterActivity<OpenTask.Input, object?>(nameof(OpenTask), (_, input) =>
            {
                opened.Add(input);
                return Task.FromResult<object?>(null);
            });
            options.RegisterActivity<RecordDecision.Input, object?>(nameof(RecordDecision), (_, _) => Task.FromResult<object?>(null));
            options.RegisterActivity<CompleteRouting.Input, object?>(nameof(CompleteRouting), (_, _) => Task.FromResult<object?>(null));
        });
        var began = runner.Clock.GetUtcNow();
        var id = await runner.Client.ScheduleNewWorkflowAsync(
            nameof(LetterRoutingWorkflow), null, new LetterRoutingWorkflow.Input("acme", Guid.NewGuid(), [new(1, 24), new(2, 48)]));
        await runner.AdvanceAsync(TimeSpan.FromDays(7));
        await runner.Client.RaiseEventAsync(id, LetterRoutingWorkflow.EventOf(1), new LetterRoutingWorkflow.Decided("approve", "person", runner.Clock.GetUtcNow(), null));
        await runner.SettleAsync();
        Assert.Equal([(1, began.AddHours(24)), (2, began.AddDays(7).AddHours(48))], opened.Select(task => (task.Step, task.DueAt)));
        await runner.Client.RaiseEventAsync(id, LetterRoutingWorkflow.EventOf(2), new LetterRoutingWorkflow.Decided("reject", "person", runner.Clock.GetUtcNow(), null));
        Assert.Equal("reject", (await runner.RunToEndAsync(id)).ReadOutputAs<string>());
    }
}
