using System.Net;
using System.Net.Http.Json;
using Dapr.Workflow;
using StackExchange.Redis;
using Tarasol.Sidecar.State;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.Actors;
using Tarasol.Tests.Sidecar.Workflows;

namespace Tarasol.Tests.Sidecar.Redis;

/// <summary>state.redis as the store of actors, reminders, jobs and workflows, with a server that is killed meanwhile.</summary>
public sealed class RedisActorStoreTests
{
    [Fact]
    public async Task Workflows_go_on_over_kills_of_the_server()
    {
        await using var server = await RedisServer.StartAsync();
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(server));
        await using var host = await EngineHost.StartAsync(sidecar.Find<IStateStore>("statestore"), "wf");
        await using var app = await host.AppAsync("wf", options =>
        {
            options.RegisterWorkflow<int, int>("Adds", async (context, input) =>
            {
                var sum = input;
                for (var step = 0; step < 6; step++)
                    sum = await context.CallActivityAsync<int>("AddOne", sum);
                return sum;
            });
            options.RegisterActivity<int, int>("AddOne", async (_, number) =>
            {
                await Task.Delay(100);
                return number + 1;
            });
        });
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => app.Client.ScheduleNewWorkflowAsync("Adds", $"w{n}", n)));
        for (var kill = 0; kill < 2; kill++)
        {
            await server.KillAsync();
            await server.StartAgainAsync();
        }
        var ends = await Task.WhenAll(ids.Select(id => app.Client.WaitForWorkflowCompletionAsync(id))).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(Enumerable.Range(6, 20), ends.Select(end => end.ReadOutputAs<int>()));

        await using var bare = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var fields = await bare.GetDatabase().HashGetAllAsync("wf||dapr.internal.default.wf.workflow||w7||metadata");
        Assert.Equal(["data", "version"], fields.Select(field => (string?)field.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_actors_state_lies_under_daprds_key_and_its_reminder_goes_on_over_a_kill()
    {
        await using var server = await RedisServer.StartAsync();
        await using var bare = await ConnectionMultiplexer.ConnectAsync(server.Address);
        await using var mesh = await ActorMesh.StartAsync("""{"entities":["counter"]}""", store: Store(server));
        (await mesh.Beta.PostAsync("/v1.0/actors/counter/a1/method/inc", null, TestContext.Current.CancellationToken)).Dispose();
        using var saved = await mesh.Beta.PostAsJsonAsync("/v1.0/actors/counter/a1/state", new object[] { new { operation = "upsert", request = new { key = "k", value = new { n = 1 } } } }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        Assert.Equal([new("data", """{"n":1}"""), new("version", "1")], await bare.GetDatabase().HashGetAllAsync("beta||counter||a1||k"));

        using var registered = await mesh.Beta.PostAsJsonAsync("/v1.0/actors/counter/a1/reminders/often", new { dueTime = "0s", period = "200ms" }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, registered.StatusCode);
        using var job = await mesh.Beta.PostAsJsonAsync("/v1.0/jobs/later", new { dueTime = "3s" }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, job.StatusCode);
        await Poll.UntilAsync(() => mesh.App.Of("/remind/often").Count() >= 2);
        await server.KillAsync();
        await server.StartAgainAsync();
        var before = mesh.App.Of("/remind/often").Count();
        await Poll.UntilAsync(() => mesh.App.Of("/remind/often").Count() >= before + 5);
        await Poll.UntilAsync(() => mesh.App.Of("/job/later").Any());
    }

    private static string Store(TestServer server) => SidecarUnderTest.Component("statestore", "state.redis", ("redisHost", server.Address), ("actorStateStore", "true"));
}
