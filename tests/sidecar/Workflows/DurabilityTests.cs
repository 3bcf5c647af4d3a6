extern alias worker;
using System.Collections.Concurrent;
using Dapr.Workflow;
using Grpc.Core;
using P = worker::Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Hosts and workers come and go; what was accepted goes on.</summary>
[Trait("Scale", "large")]
public class DurabilityTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_start_waits_for_a_worker()
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        await (await host.AppAsync("wf", _ => { })).DisposeAsync();
        using var channel = host.Channel("wf");
        var waiting = StartWithoutWorkerAsync(channel);
        await using var app = await host.AppAsync("wf", Register);
        Assert.Equal("late", await waiting.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_start_without_a_worker_ends_with_the_callers_deadline()
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        using var channel = host.Channel("wf");
        var client = new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
        var error = await Assert.ThrowsAsync<RpcException>(() => client.StartInstanceAsync(
            new P.CreateInstanceRequest { InstanceId = "never", Name = "Waits" }, deadline: DateTime.UtcNow.AddMilliseconds(200)).ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.False((await client.GetInstanceAsync(new P.GetInstanceRequest { InstanceId = "never" })).Exists);
    }

    [Fact]
    public async Task Without_an_actor_state_store_a_worker_is_told_why()
    {
        await using var host = await EngineHost.StartAsync(null, "wf");
        using var channel = host.Channel("wf");
        var client = new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
        using var stream = client.GetWorkItems(new P.GetWorkItemsRequest());
        var error = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.StartsWith("unable to establish work item stream at this time", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restart_events_timers_activities_and_children_go_on()
    {
        var store = new MemoryStore();
        var host = await EngineHost.StartAsync(store, "wf");
        var app = await host.AppAsync("wf", Register);
        string[] ids =
        [
            await app.Client.ScheduleNewWorkflowAsync("Waits", null, "e"),
            await app.Client.ScheduleNewWorkflowAsync("Sleeps"),
            await app.Client.ScheduleNewWorkflowAsync("SlowActivity"),
            await app.Client.ScheduleNewWorkflowAsync("SlowChild"),
            await app.Client.ScheduleNewWorkflowAsync("Waits", null, 1, DateTimeOffset.UtcNow.AddSeconds(1)),
        ];
        await Poll.UntilAsync(() => Held.ContainsKey("SlowActivity") && Held.ContainsKey("SlowChild"));
        await app.Client.RaiseEventAsync(ids[4], "go");
        await host.DisposeAsync();
        foreach (var held in Held.Values)
        {
            held.TrySetResult();
        }

        await app.DisposeAsync();

        await using var secondHost = await EngineHost.StartAsync(store, "wf");
        await using var secondApp = await secondHost.AppAsync("wf", Register);
        await secondApp.Client.RaiseEventAsync(ids[0], "go");
        foreach (var id in ids)
        {
            var state = await secondApp.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline);
            Assert.True(state.RuntimeStatus == WorkflowRuntimeStatus.Completed, $"{id} {state.RuntimeStatus} {state.FailureDetails}");
        }
    }

    [Fact]
    public async Task A_client_that_waits_goes_on_waiting_over_a_restart_of_the_host()
    {
        var store = new MemoryStore();
        var host = await EngineHost.StartAsync(store, "wf");
        var port = new Uri(host.Endpoint("wf")).Port;
        await using var app = await host.AppAsync("wf", Register);
        var id = await app.Client.ScheduleNewWorkflowAsync("Waits");
        var waiting = app.Client.WaitForWorkflowCompletionAsync(id);
        await host.DisposeAsync();
        await using var again = await EngineHost.StartAsync(store, port, "wf");
        await RaiseOnceItAnswersAsync(app.Client, id);
        Assert.Equal(WorkflowRuntimeStatus.Completed, (await waiting.WaitAsync(Deadline)).RuntimeStatus);
    }

    [Fact]
    public async Task What_a_worker_had_when_it_went_away_is_given_to_the_next_one()
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        using var channel = host.Channel("wf");
        var client = new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
        var dead = client.GetWorkItems(new P.GetWorkItemsRequest());
        await dead.ResponseHeadersAsync;
        var start = client.StartInstanceAsync(new P.CreateInstanceRequest { InstanceId = "taken-over", Name = "Quick" }, deadline: DateTime.UtcNow + Deadline);
        Assert.True(await dead.ResponseStream.MoveNext(CancellationToken.None));
        dead.Dispose();
        await using var app = await host.AppAsync("wf", Register);
        await start;
        Assert.Equal(WorkflowRuntimeStatus.Completed, (await app.Client.WaitForWorkflowCompletionAsync("taken-over").WaitAsync(Deadline)).RuntimeStatus);
    }

    [Fact]
    public async Task A_store_that_is_away_for_a_moment_loses_nothing()
    {
        var store = new MemoryStore();
        await using var host = await EngineHost.StartAsync(store, "wf");
        await using var app = await host.AppAsync("wf", Register);
        var id = await app.Client.ScheduleNewWorkflowAsync("SlowActivity", "away");
        await Poll.UntilAsync(() => Held.ContainsKey("away"));
        store.IsAway = true;
        Held["away"].TrySetResult();
        await Assert.ThrowsAsync<RpcException>(() => app.Client.RaiseEventAsync(id, "go"));
        store.IsAway = false;
        Assert.Equal(WorkflowRuntimeStatus.Completed, (await app.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).RuntimeStatus);
    }

    [Fact]
    public async Task A_stopping_app_finishes_what_it_has_begun()
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        var app = await host.AppAsync("wf", Register);
        var id = await app.Client.ScheduleNewWorkflowAsync("SlowActivity", "drained");
        await Poll.UntilAsync(() => Held.ContainsKey("drained"));
        var stopping = app.DisposeAsync();
        Assert.False(stopping.IsCompleted);
        Held["drained"].TrySetResult();
        await stopping;
        await using var next = await host.AppAsync("wf", Register);
        Assert.Equal(1, (await next.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_build_that_lost_a_patch_stalls_its_workflows_until_one_with_it_comes()
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        var patched = await host.AppAsync("wf", options => Patched(options, knowsPatch: true));
        var id = await patched.Client.ScheduleNewWorkflowAsync("Patched");
        await patched.DisposeAsync();
        await using (var old = await host.AppAsync("wf", options => Patched(options, knowsPatch: false)))
        {
            await old.Client.RaiseEventAsync(id, "go");
            await Poll.UntilAsync(async () => (await old.Client.GetWorkflowStateAsync(id)).RuntimeStatus == WorkflowRuntimeStatus.Stalled);
            var refused = await Assert.ThrowsAsync<RpcException>(() => old.Client.RaiseEventAsync(id, "again"));
            Assert.Equal("workflow is stalled", refused.Status.Detail);
        }

        await using var again = await host.AppAsync("wf", options => Patched(options, knowsPatch: true));
        Assert.Equal("new way", (await again.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).ReadOutputAs<string>());
    }

    private static void Patched(WorkflowRuntimeOptions options, bool knowsPatch) => options.RegisterWorkflow<object?, string>("Patched", async (context, _) =>
    {
        var way = knowsPatch && context.IsPatched("new-way") ? "new way" : "old way";
        await context.WaitForExternalEventAsync<object>("go");
        return way;
    });

    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Held = new();

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterActivity<string, int>("Hold", async (_, key) =>
        {
            await Held.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return 1;
        });
        options.RegisterWorkflow<object?, string>("Waits", async (context, _) => $"{await context.WaitForExternalEventAsync<object>("go")}");
        options.RegisterWorkflow<object?, string>("Quick", (_, _) => Task.FromResult("quick"));
        options.RegisterWorkflow<object?, string>("Sleeps", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromSeconds(1));
            return "slept";
        });
        options.RegisterWorkflow<object?, int>("SlowActivity", async (context, _) =>
            await context.CallActivityAsync<int>("Hold", Guid.TryParse(context.InstanceId, out var _) ? "SlowActivity" : context.InstanceId));
        options.RegisterWorkflow<object?, int>("SlowChild", async (context, _) => await context.CallChildWorkflowAsync<int>("HoldsInChild"));
        options.RegisterWorkflow<object?, int>("HoldsInChild", async (context, _) => await context.CallActivityAsync<int>("Hold", "SlowChild"));
    }

    // The channel of the client may still wait before it connects again; a call in that time fails at once, and its caller tries again.
    private static Task RaiseOnceItAnswersAsync(DaprWorkflowClient client, string id) => Poll.UntilAsync(async () =>
    {
        try
        {
            await client.RaiseEventAsync(id, "go");
            return true;
        }
        catch (Grpc.Core.RpcException refused) when (refused.StatusCode == Grpc.Core.StatusCode.Unavailable)
        {
            return false;
        }
    });

    private static async Task<string> StartWithoutWorkerAsync(Grpc.Net.Client.GrpcChannel channel)
    {
        var client = new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
        var request = new P.CreateInstanceRequest { InstanceId = "late", Name = "Waits" };
        return (await client.StartInstanceAsync(request, deadline: DateTime.UtcNow + Deadline)).InstanceId;
    }
}
