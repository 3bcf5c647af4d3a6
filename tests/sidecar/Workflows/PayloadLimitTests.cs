extern alias worker;
using Dapr.Workflow;
using Grpc.Core;
using P = worker::Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Workflows that have grown beyond what a worker can be sent wait, with daprd's words, for a host with a larger limit; all others go on.</summary>
public sealed class PayloadLimitTests
{
    private const long Small = 1024 * 1024;
    private const long Large = 16 * Small;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_history_that_is_too_large_stalls_its_workflow_until_a_host_takes_it()
    {
        var store = new MemoryStore();
        var chunks = 0;
        await using (var host = await EngineHost.StartWithLimitAsync(store, Small, "wf"))
        {
            await using var app = await host.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref chunks)));
            await app.Client.ScheduleNewWorkflowAsync("Grows", "grows", 8);
            await Poll.UntilAsync(async () => (await app.Client.GetWorkflowStateAsync("grows")).RuntimeStatus == WorkflowRuntimeStatus.Stalled);
            Assert.Equal(4, chunks);
            var stalled = Assert.Single(await StallsAsync(host, "grows"));
            Assert.Equal(P.StalledReason.PayloadSizeExceeded, stalled.Reason);
            Assert.Matches(@"^Workflow payload size \d+ bytes exceeds 95% of max gRPC body size 1048576 bytes; increase daprd --max-body-size and restart to resume$", stalled.Description);
            Assert.Equal("workflow is stalled", (await Assert.ThrowsAsync<RpcException>(() => app.Client.RaiseEventAsync("grows", "go"))).Status.Detail);

            // Others go on, and a worker that comes changes nothing.
            await using var second = await host.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref chunks)));
            Assert.Equal(1, await OutputAsync(app.Client, await app.Client.ScheduleNewWorkflowAsync("Grows", null, 1)));
            Assert.Single(await StallsAsync(host, "grows"));
        }

        await using var larger = await EngineHost.StartWithLimitAsync(store, Large, "wf");
        await using var again = await larger.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref chunks)));
        Assert.Equal(8, await OutputAsync(again.Client, "grows"));
    }

    [Fact]
    public async Task An_input_that_no_worker_can_be_sent_stalls_its_workflow_before_the_activity_runs()
    {
        var store = new MemoryStore();
        var runs = 0;
        await using (var host = await EngineHost.StartWithLimitAsync(store, Small, "wf"))
        {
            await using var app = await host.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref runs)));
            await app.Client.ScheduleNewWorkflowAsync("Asks", "asks", 1_010_000);
            await Poll.UntilAsync(async () => (await app.Client.GetWorkflowStateAsync("asks")).RuntimeStatus == WorkflowRuntimeStatus.Stalled);
            Assert.Equal(1, runs);
            Assert.StartsWith("activity 'Length::1' payload ", Assert.Single(await StallsAsync(host, "asks")).Description, StringComparison.Ordinal);
        }

        await using var larger = await EngineHost.StartWithLimitAsync(store, Large, "wf");
        await using var again = await larger.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref runs)));
        Assert.Equal(1_010_000, await OutputAsync(again.Client, "asks"));
    }

    [Fact]
    public async Task What_the_host_cannot_take_fails_the_step_with_a_clear_error()
    {
        await using var host = await EngineHost.StartWithLimitAsync(new MemoryStore(), Small, "wf");
        await using var app = await host.AppAsync("wf", options => Register(options, () => 0));
        var result = await app.Client.WaitForWorkflowCompletionAsync(await app.Client.ScheduleNewWorkflowAsync("Makes", null, 2_000_000)).WaitAsync(Deadline);
        Assert.Equal(WorkflowRuntimeStatus.Failed, result.RuntimeStatus);
        Assert.Contains("more than the sidecar takes", result.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        var turn = await app.Client.WaitForWorkflowCompletionAsync(await app.Client.ScheduleNewWorkflowAsync("Asks", null, 2_000_000)).WaitAsync(Deadline);
        Assert.Equal("PayloadTooLarge", turn.FailureDetails!.ErrorType);
        var input = await Assert.ThrowsAsync<RpcException>(() => app.Client.ScheduleNewWorkflowAsync("Asks", null, new string('x', 2_000_000)));
        Assert.Equal(StatusCode.ResourceExhausted, input.StatusCode);
        Assert.Equal(1, await OutputAsync(app.Client, await app.Client.ScheduleNewWorkflowAsync("Grows", null, 1)));
    }

    private static void Register(WorkflowRuntimeOptions options, Func<int> ran)
    {
        options.RegisterActivity<int, string>("Chunk", (_, size) =>
        {
            ran();
            return Task.FromResult(new string('x', size));
        });
        options.RegisterActivity<string, int>("Length", (_, text) =>
        {
            ran();
            return Task.FromResult(text.Length);
        });
        options.RegisterWorkflow<int, int>("Grows", async (context, chunks) =>
        {
            var got = 0;
            while (got < chunks)
            {
                await context.CallActivityAsync<string>("Chunk", 250 * 1024);
                got++;
            }

            return got;
        });
        options.RegisterWorkflow<int, int>("Asks", async (context, size) =>
        {
            await context.CallActivityAsync<int>("Length", "");
            return await context.CallActivityAsync<int>("Length", new string('x', size));
        });
        options.RegisterWorkflow<int, int>("Makes", async (context, size) => (await context.CallActivityAsync<string>("Chunk", size)).Length);
    }

    private static async Task<int> OutputAsync(DaprWorkflowClient client, string id)
    {
        var state = await client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline);
        Assert.True(state.RuntimeStatus == WorkflowRuntimeStatus.Completed, $"{state.RuntimeStatus} {state.FailureDetails}");
        return state.ReadOutputAs<int>();
    }

    private static async Task<List<P.ExecutionStalledEvent>> StallsAsync(EngineHost host, string id)
    {
        using var channel = host.Channel("wf");
        var history = await new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel).GetInstanceHistoryAsync(new P.GetInstanceHistoryRequest { InstanceId = id });
        return [.. history.Events.Where(happened => happened.ExecutionStalled is not null).Select(happened => happened.ExecutionStalled)];
    }
}
