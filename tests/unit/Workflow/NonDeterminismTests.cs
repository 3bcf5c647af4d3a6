using Dapr.Workflow;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Unit.Workflow;

public class NonDeterminismTests
{
    /// <summary>What the code did when the instance was started, what it does now, and what the error has to name.</summary>
    public static TheoryData<string, string, string, string> Changes => new()
    {
        { "activity", "other activity", "TaskScheduled (activity 'A')", "CallActivityAsync('B')" },
        { "activity", "timer", "TaskScheduled (activity 'A')", "CreateTimer" },
        { "activity", "child", "TaskScheduled (activity 'A')", "CallChildWorkflowAsync('C')" },
        { "activity", "nothing", "TaskScheduled (activity 'A')", "calls nothing" },
        { "timer", "activity", "TimerCreated", "CallActivityAsync('A')" },
        { "child", "activity", "ChildWorkflowInstanceCreated (child workflow 'C')", "CallActivityAsync('A')" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Code_that_no_longer_fits_the_history_fails_and_says_where(string before, string now, string recorded, string called)
    {
        var timeline = new Timeline(Code(before));
        timeline.Turn();
        timeline.Redeploy(Code(now));
        timeline.Raises("any", "1");
        var end = Assert.Single(timeline.Turn().Actions).CompleteWorkflow;
        Assert.Equal(OrchestrationStatus.Failed, end.WorkflowStatus);
        Assert.Equal("NonDeterministicWorkflow", end.FailureDetails.ErrorType);
        Assert.True(end.FailureDetails.IsNonRetriable);
        Assert.Contains(recorded, end.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("step 0", end.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(called, end.FailureDetails.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void New_steps_after_the_recorded_ones_are_no_change_of_the_past()
    {
        var timeline = new Timeline(Code("activity"));
        timeline.Turn();
        timeline.Redeploy(options => options.RegisterWorkflow<int, int>("W", async (context, _) =>
            await context.CallActivityAsync<int>("A") + await context.CallActivityAsync<int>("B")));
        timeline.Completes(0, "1");
        Assert.Equal("B", Assert.Single(timeline.Turn().Actions).ScheduleTask.Name);
    }

    [Fact]
    public void A_context_that_is_used_from_another_thread_fails_the_workflow()
    {
        var timeline = new Timeline(options => options.RegisterWorkflow<int, int>("W", async (context, _) =>
            await Task.Run(() => context.CallActivityAsync<int>("A")).WaitAsync(TimeSpan.FromSeconds(10))));
        var end = Assert.Single(timeline.Turn().Actions).CompleteWorkflow;
        Assert.Equal(OrchestrationStatus.Failed, end.WorkflowStatus);
    }

    private static Action<WorkflowRuntimeOptions> Code(string step) => options => options.RegisterWorkflow<int, int>("W", async (context, _) =>
    {
        switch (step)
        {
            case "activity":
                await context.CallActivityAsync<int>("A");
                break;
            case "other activity":
                await context.CallActivityAsync<int>("B");
                break;
            case "timer":
                await context.CreateTimer(TimeSpan.FromHours(1));
                break;
            case "child":
                await context.CallChildWorkflowAsync<int>("C");
                break;
        }

        await context.WaitForExternalEventAsync<int>("end");
        return 1;
    });
}
