using System.Net;
using System.Net.Http.Json;
using Dapr.Workflow;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.PubSub;
using Tarasol.Tests.Sidecar.Redis;
using Tarasol.Tests.Sidecar.Workflows;

namespace Tarasol.Tests.Sidecar.Postgres;

/// <summary>The server goes away or is not there yet; actors and workflows live on it.</summary>
public sealed class PostgresOutageTests
{
    [Fact]
    public async Task A_server_that_is_not_there_at_the_start_makes_the_sidecar_unhealthy_until_it_comes()
    {
        await using var server = await PostgresServer.StartAsync();
        await server.KillAsync();
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(server, ("timeout", "1s")), healthy: false);
        var (status, _, said) = await sidecar.SendAsync("GET", "/v1.0/healthz/outbound");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains($"component store: postgresql at {server.Address}", said, StringComparison.Ordinal);
        Assert.Contains("ERR_STATE_GET", (await sidecar.SendAsync("GET", "/v1.0/state/store/a")).Body, StringComparison.Ordinal);
        await server.StartAgainAsync();
        await sidecar.HealthyAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("POST", "/v1.0/state/store", """[{"key":"a","value":1}]""")).Status);
    }

    [Fact]
    public async Task Saves_survive_kills_of_the_server_and_what_was_acknowledged_is_there()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(server));
        using var stop = new CancellationTokenSource();
        var acknowledged = new int[4];
        var saving = Enumerable.Range(0, acknowledged.Length).Select(writer => Task.Run(async () =>
        {
            for (var n = 1; !stop.IsCancellationRequested; n++)
            {
                if ((await sidecar.SendAsync("POST", "/v1.0/state/store", $$"""[{"key":"w{{writer}}","value":{{n}}}]""")).Status == HttpStatusCode.NoContent)
                    acknowledged[writer] = n;
            }
        })).ToList();
        for (var kill = 0; kill < 3; kill++)
        {
            var before = acknowledged.ToArray();
            await Poll.UntilAsync(() => acknowledged.Zip(before).All(pair => pair.First > pair.Second + 20), seconds: 60);
            await server.KillAsync();
            await server.StartAgainAsync();
        }
        await Poll.UntilAsync(async () => (await sidecar.SendAsync("GET", "/v1.0/state/store/w0")).Status == HttpStatusCode.OK, seconds: 60);
        await stop.CancelAsync();
        await Task.WhenAll(saving);
        for (var writer = 0; writer < acknowledged.Length; writer++)
        {
            var value = int.Parse((await sidecar.SendAsync("GET", $"/v1.0/state/store/w{writer}")).Body, System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(value >= acknowledged[writer], $"writer {writer}: {acknowledged[writer]} was acknowledged, {value} is there");
        }
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task State_and_reminders_of_actors_live_there(string version)
    {
        await using var server = await PostgresServer.StartAsync();
        var reminded = 0;
        await using var mesh = await PubSubMesh.StartAsync(Store(server, ("actorStateStore", "true")).Replace("version: v1", $"version: {version}", StringComparison.Ordinal), app =>
        {
            app.MapGet("/dapr/config", () => Results.Text("""{"entities":["counter"]}""", "application/json"));
            app.MapPut("/actors/counter/{id}/method/{method}", () => Results.Ok());
            app.MapPut("/actors/counter/{id}/method/remind/{name}", () => Interlocked.Increment(ref reminded) > 0 ? Results.Ok() : Results.NotFound());
            app.MapDelete("/actors/counter/{id}", () => Results.Ok());
        });
        await InvokeAsync(mesh);
        using var saved = await mesh.SendAsync("/v1.0/actors/counter/a/state", """[{"operation":"upsert","request":{"key":"n","value":{"count":7}}}]""");
        Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        using var reminder = await mesh.SendAsync("/v1.0/actors/counter/a/reminders/r", """{"dueTime":"1s","period":"1s"}""");
        Assert.Equal(HttpStatusCode.NoContent, reminder.StatusCode);
        await mesh.StopSidecarAsync();
        await mesh.StartSidecarAsync();
        var before = Volatile.Read(ref reminded);
        await InvokeAsync(mesh);
        var state = await mesh.Http.GetFromJsonAsync<System.Text.Json.JsonElement>(new Uri($"http://127.0.0.1:{mesh.HttpPort}/v1.0/actors/counter/a/state/n"), TestContext.Current.CancellationToken);
        Assert.Equal(7, state.GetProperty("count").GetInt32());
        await Poll.UntilAsync(() => Volatile.Read(ref reminded) > before);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Workflows_live_there_and_go_on_after_the_server_and_the_host_went_away(string version)
    {
        await using var server = await PostgresServer.StartAsync();
        await using var mesh = await PubSubMesh.StartAsync(Store(server, ("actorStateStore", "true")).Replace("version: v1", $"version: {version}", StringComparison.Ordinal), new RecordingApp("[]").Configure);
        var names = Enumerable.Range(0, 5).Select(number => $"letter-{number}").ToList();
        await using (var app = await StartAppAsync(mesh))
        {
            foreach (var name in names)
                await app.Client.ScheduleNewWorkflowAsync("Letter", name, 3);
            foreach (var name in names)
                await app.Client.WaitForWorkflowStartAsync(name, cancellation: TestContext.Current.CancellationToken);
        }
        await server.KillAsync();
        await mesh.StopSidecarAsync();
        await server.StartAgainAsync();
        await mesh.StartSidecarAsync();
        await using var again = await StartAppAsync(mesh);
        foreach (var name in names)
        {
            await again.Client.RaiseEventAsync(name, "decided", "yes", TestContext.Current.CancellationToken);
            var state = await again.Client.WaitForWorkflowCompletionAsync(name, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal("6 yes", state!.ReadOutputAs<string>());
        }
    }

    private static Task<WorkflowApp> StartAppAsync(PubSubMesh mesh) => WorkflowApp.StartAsync($"http://127.0.0.1:{mesh.GrpcPort}", options =>
    {
        options.RegisterActivity<int, int>("Double", (_, number) => Task.FromResult(number * 2));
        options.RegisterWorkflow<int, string>("Letter", async (context, number) =>
        {
            var doubled = await context.CallActivityAsync<int>("Double", number);
            return $"{doubled} {await context.WaitForExternalEventAsync<string>("decided")}";
        });
    });

    private static async Task InvokeAsync(PubSubMesh mesh)
    {
        await Poll.UntilAsync(async () =>
        {
            using var answer = await mesh.SendAsync("/v1.0/actors/counter/a/method/touch", "{}");
            return answer.IsSuccessStatusCode;
        });
    }

    private static string Store(TestServer server, params (string Name, string Value)[] more) => SidecarUnderTest.Component("store", "state.postgresql",
        [("connectionString", $"host=127.0.0.1 port={server.Port} user=postgres dbname=postgres sslmode=disable"), .. more]);
}
