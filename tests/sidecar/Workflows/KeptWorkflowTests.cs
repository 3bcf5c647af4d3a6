extern alias worker;
using System.Collections.Concurrent;
using Dapr.Workflow;
using Grpc.Core;
using P = worker::Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>A worker keeps its workflows between turns, and the host sends it no history that it has.</summary>
[Trait("Scale", "large")]
public sealed class KeptWorkflowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task The_code_runs_once_through_while_its_worker_stays()
    {
        var beginnings = 0;
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        await using var app = await host.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref beginnings)));
        var id = await app.Client.ScheduleNewWorkflowAsync("Steps", null, 10);
        Assert.Equal(10, (await app.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).ReadOutputAs<int>());
        Assert.Equal(1, beginnings);
    }

    [Fact]
    public async Task Another_worker_replays_the_history_and_goes_on()
    {
        var beginnings = 0;
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        var first = await host.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref beginnings)));
        var id = await first.Client.ScheduleNewWorkflowAsync("StepAndWait");
        await Poll.UntilAsync(async () => (await first.Client.GetInstanceHistoryAsync(id)).Any(happened => happened.EventType == Dapr.Workflow.Client.WorkflowHistoryEventType.TaskCompleted));
        await first.DisposeAsync();
        await using var second = await host.AppAsync("wf", options => Register(options, () => Interlocked.Increment(ref beginnings)));
        await second.Client.RaiseEventAsync(id, "go", "went");
        Assert.Equal("1 went", (await second.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).ReadOutputAs<string>());
        Assert.Equal(2, beginnings);
    }

    [Fact]
    public async Task More_workflows_than_are_kept_end_all_the_same()
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        await using var app = await host.AppAsync("wf", options => Register(options, () => { }));
        var ids = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, 1200, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (_, cancel) =>
            ids.Add(await app.Client.ScheduleNewWorkflowAsync("StepAndWait", null, null, (DateTimeOffset?)null, cancel)));
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (id, cancel) =>
        {
            await app.Client.RaiseEventAsync(id, "go", "went", cancel);
            Assert.Equal("1 went", (await app.Client.WaitForWorkflowCompletionAsync(id, true, cancel).WaitAsync(Deadline, cancel)).ReadOutputAs<string>());
        });
    }

    [Fact]
    public async Task The_host_sends_the_rest_to_who_keeps_and_everything_to_who_does_not()
    {
        var keeping = await TurnsAsync("kept", P.WorkerCapability.StatefulHistory);
        Assert.Equal([(0, null), (4, null), (4, 4)], keeping.Select(turn => (turn.PastEvents.Count, turn.CachedHistory?.EventCount)).ToList());
        var other = await TurnsAsync("whole", P.WorkerCapability.Unspecified);
        Assert.Equal([(0, null), (4, null), (8, null)], other.Select(turn => (turn.PastEvents.Count, turn.CachedHistory?.EventCount)).ToList());
    }

    /// <summary>Three turns of a workflow that asks for two timers each time.</summary>
    private static async Task<List<P.WorkflowRequest>> TurnsAsync(string id, P.WorkerCapability capability)
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        using var channel = host.Channel("wf");
        var client = new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
        using var stream = client.GetWorkItems(new P.GetWorkItemsRequest { Capabilities = { capability } });
        await stream.ResponseHeadersAsync.WaitAsync(Deadline);
        var start = client.StartInstanceAsync(new P.CreateInstanceRequest { InstanceId = id, Name = "Raw" }, deadline: DateTime.UtcNow + Deadline);
        var turns = new List<P.WorkflowRequest>();
        for (var turn = 0; turn < 3; turn++)
        {
            using var limit = new CancellationTokenSource(Deadline);
            Assert.True(await stream.ResponseStream.MoveNext(limit.Token));
            turns.Add(stream.ResponseStream.Current.WorkflowRequest);
            var response = new P.WorkflowResponse { InstanceId = id };
            var far = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds() };
            response.Actions.Add([new P.WorkflowAction { Id = turn * 2, CreateTimer = new P.CreateTimerAction { FireAt = far } }, new P.WorkflowAction { Id = (turn * 2) + 1, CreateTimer = new P.CreateTimerAction { FireAt = far } }]);
            await client.CompleteOrchestratorTaskAsync(response);
            await client.RaiseEventAsync(new P.RaiseEventRequest { InstanceId = id, Name = "next" });
        }

        await start;
        return turns;
    }

    private static void Register(WorkflowRuntimeOptions options, Action begins)
    {
        options.RegisterActivity<int, int>("Step", (_, input) => Task.FromResult(input + 1));
        options.RegisterWorkflow<int, int>("Steps", async (context, count) =>
        {
            begins();
            var value = 0;
            for (var i = 0; i < count; i++)
            {
                value = await context.CallActivityAsync<int>("Step", value);
            }

            return value;
        });
        options.RegisterWorkflow<object?, string>("StepAndWait", async (context, _) =>
        {
            begins();
            var one = await context.CallActivityAsync<int>("Step", 0);
            return $"{one} {await context.WaitForExternalEventAsync<string>("go")}";
        });
    }
}
