using Dapr.Workflow;
using Moq;
using Tarasol.Correspondence.Routing;

namespace Tarasol.Tests.Unit.Correspondence;

/// <summary>The circuit's rules alone; with a real engine in tests/integration.</summary>
public sealed class LetterRoutingWorkflowTests
{
    private static readonly DateTime Now = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);
    private readonly List<string> calls = [];
    private readonly Guid routing = Guid.CreateVersion7();

    [Fact]
    public async Task Every_step_is_opened_recorded_and_then_the_routing_completed()
    {
        Assert.Equal("approve", await RunAsync("approve", "approve"));
        Assert.Equal(["OpenTask 1", "RecordDecision 1 approve", "OpenTask 2", "RecordDecision 2 approve", "CompleteRouting"], calls);
    }

    [Theory]
    [InlineData("reject")]
    [InlineData("return")]
    public async Task A_rejection_or_return_opens_no_further_step(string decision)
    {
        Assert.Equal(decision, await RunAsync(decision, "approve"));
        Assert.Equal(["OpenTask 1", $"RecordDecision 1 {decision}", "CompleteRouting"], calls);
    }

    [Fact]
    public async Task The_time_of_a_step_runs_from_its_opening_and_no_activity_is_given_up()
    {
        var options = new List<WorkflowTaskOptions?>();
        OpenTask.Input? opened = null;
        var context = Context("approve");
        context.Setup(each => each.CallActivityAsync<object>(It.IsAny<string>(), It.IsAny<object>(), It.IsAny<WorkflowTaskOptions>()))
            .Callback<string, object?, WorkflowTaskOptions?>((_, input, option) =>
            {
                options.Add(option);
                opened ??= input as OpenTask.Input;
            })
            .ReturnsAsync(new object());
        await new LetterRoutingWorkflow().RunAsync(context.Object, new("acme", routing, [new(1, 48)]));
        Assert.Equal(new OpenTask.Input("acme", routing, 1, new DateTimeOffset(Now).AddHours(48)), opened);
        Assert.All(options, option => Assert.Equal(int.MaxValue, option!.RetryPolicy!.MaxNumberOfAttempts));
    }

    private Task<string> RunAsync(params string[] decisions)
    {
        var context = Context(decisions);
        context.Setup(each => each.CallActivityAsync<object>(It.IsAny<string>(), It.IsAny<object>(), It.IsAny<WorkflowTaskOptions>()))
            .Callback<string, object?, WorkflowTaskOptions?>((name, input, _) => calls.Add(input switch
            {
                OpenTask.Input open => $"{name} {open.Step}",
                RecordDecision.Input record => $"{name} {record.Step} {record.Decided.Decision}",
                _ => name,
            }))
            .ReturnsAsync(new object());
        return new LetterRoutingWorkflow().RunAsync(context.Object, new("acme", routing, [new(1, 24), new(2, 24)]));
    }

    private static Mock<WorkflowContext> Context(params string[] decisions)
    {
        // CallActivityAsync without a result calls the one with it.
        var context = new Mock<WorkflowContext> { CallBase = true };
        context.SetupGet(each => each.CurrentUtcDateTime).Returns(Now);
        foreach (var (index, decision) in decisions.Index())
        {
            context.Setup(each => each.WaitForExternalEventAsync<LetterRoutingWorkflow.Decided>($"decision-{index + 1}", It.IsAny<CancellationToken>()))
                .ReturnsAsync(new LetterRoutingWorkflow.Decided(decision, "head", new(Now), null));
        }
        return context;
    }
}
