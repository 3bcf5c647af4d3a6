using Dapr.Workflow;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Unit.Workflow;

public class RetryTests
{
    private static Timeline Retrying(WorkflowRetryPolicy policy) => new(options => options.RegisterWorkflow<int, int>("W", async (context, _) =>
        await context.CallActivityAsync<int>("A", null, new WorkflowTaskOptions(policy))));

    [Fact]
    public void Waits_grow_by_the_coefficient_up_to_the_longest()
    {
        var timeline = Retrying(new WorkflowRetryPolicy(5, TimeSpan.FromSeconds(1), 3, TimeSpan.FromSeconds(5)));
        var first = Assert.Single(timeline.Turn().Actions).ScheduleTask.TaskExecutionId;
        var waits = new List<double>();
        for (var id = 0; id < 8; id += 2)
        {
            timeline.Fails(id);
            var timer = Assert.Single(timeline.Turn().Actions);
            Assert.Equal((id + 1, first), (timer.Id, timer.CreateTimer.ActivityRetry.TaskExecutionId));
            var wait = timer.CreateTimer.FireAt.ToDateTime() - timeline.History[^1].Timestamp.ToDateTime();
            waits.Add(wait.TotalSeconds);
            timeline.Passes(wait);
            timeline.Fires(id + 1);
            Assert.Equal(id + 2, Assert.Single(timeline.Turn().Actions).Id);
        }

        Assert.Equal([1, 3, 5, 5], waits);
        timeline.Fails(8);
        Assert.Equal("Task failed: no answer", Assert.Single(timeline.Turn().Actions).CompleteWorkflow.FailureDetails.ErrorMessage);
    }

    [Fact]
    public void A_failure_that_cannot_be_helped_is_not_tried_again()
    {
        var timeline = Retrying(new WorkflowRetryPolicy(5, TimeSpan.FromSeconds(1)));
        timeline.Turn();
        timeline.Fails(0, nonRetriable: true);
        Assert.Equal(OrchestrationStatus.Failed, Assert.Single(timeline.Turn().Actions).CompleteWorkflow.WorkflowStatus);
    }

    [Fact]
    public void After_the_timeout_there_is_no_further_attempt()
    {
        var timeline = Retrying(new WorkflowRetryPolicy(100, TimeSpan.FromSeconds(1), retryTimeout: TimeSpan.FromSeconds(10)));
        timeline.Turn();
        timeline.Passes(TimeSpan.FromSeconds(11));
        timeline.Fails(0);
        Assert.Equal(OrchestrationStatus.Failed, Assert.Single(timeline.Turn().Actions).CompleteWorkflow.WorkflowStatus);
    }

    [Theory]
    [InlineData(0, 1, 1.0, null, null)]
    [InlineData(1, 0, 1.0, null, null)]
    [InlineData(1, 1, 0.9, null, null)]
    [InlineData(1, 10, 1.0, 9, null)]
    [InlineData(1, 10, 1.0, null, 9)]
    public void A_policy_that_makes_no_sense_is_refused(int attempts, int first, double coefficient, int? max, int? timeout) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(
            attempts, TimeSpan.FromSeconds(first), coefficient, max is { } longest ? TimeSpan.FromSeconds(longest) : null, timeout is { } limit ? TimeSpan.FromSeconds(limit) : null));
}
