using Tarasol.Tasks.Deadlines;
using Tarasol.Workflow.Testing;

namespace Tarasol.Tests.Unit.Tasks;

/// <summary>When the watch of a task wakes, with a substitute for what it looks at.</summary>
public sealed class DeadlineWorkflowTests
{
    private readonly List<DateTimeOffset> looks = [];
    private RaiseAlarms.Next answer = new(false, null);

    [Fact]
    public async Task It_sleeps_until_there_is_something_to_tell_and_is_over_with_the_task()
    {
        await using var runner = Runner();
        var begin = runner.Clock.GetUtcNow();
        answer = new(false, begin.AddDays(3));
        var id = await runner.Client.ScheduleNewWorkflowAsync(nameof(DeadlineWorkflow), "one", new DeadlineWorkflow.Input("acme", Guid.CreateVersion7()));
        await runner.AdvanceAsync(TimeSpan.FromDays(2));
        Assert.Equal([begin], looks);
        answer = new(true, null);
        await runner.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal([begin, begin.AddDays(3)], looks);
        Assert.True((await runner.Client.GetWorkflowStateAsync(id)).IsWorkflowCompleted);
    }

    [Fact]
    public async Task Every_change_wakes_it_also_after_sleeps_that_ended_by_themselves()
    {
        await using var runner = Runner();
        var begin = runner.Clock.GetUtcNow();
        answer = new(false, begin.AddDays(1));
        await runner.Client.ScheduleNewWorkflowAsync(nameof(DeadlineWorkflow), "one", new DeadlineWorkflow.Input("acme", Guid.CreateVersion7()));
        await runner.SettleAsync();
        answer = new(false, begin.AddDays(10));
        await runner.AdvanceAsync(TimeSpan.FromDays(1));
        // The clock is stopped, goes on, and the task is decided.
        foreach (var next in new RaiseAlarms.Next[] { new(false, null), new(false, begin.AddDays(20)), new(true, null) })
        {
            answer = next;
            await runner.AdvanceAsync(TimeSpan.FromHours(1));
            await runner.Client.RaiseEventAsync("one", DeadlineWorkflow.Changed);
            await runner.SettleAsync();
        }
        Assert.Equal([0, 24, 25, 26, 27], looks.Select(look => (int)(look - begin).TotalHours));
        Assert.True((await runner.Client.GetWorkflowStateAsync("one")).IsWorkflowCompleted);
    }

    private WorkflowRunner Runner()
    {
        WorkflowRunner runner = null!;
        return runner = new WorkflowRunner(options =>
        {
            options.RegisterWorkflow<DeadlineWorkflow>();
            options.RegisterActivity<DeadlineWorkflow.Input, RaiseAlarms.Next>(nameof(RaiseAlarms), (_, _) =>
            {
                looks.Add(runner.Clock.GetUtcNow());
                return Task.FromResult(answer);
            });
        });
    }
}
