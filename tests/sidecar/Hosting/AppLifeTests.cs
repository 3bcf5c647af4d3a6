using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>Apps that come late, go and come back, or never get well.</summary>
public sealed class AppLifeTests
{
    [Fact]
    public async Task An_app_that_restarts_gets_its_calls_and_its_events_again()
    {
        var events = new ConcurrentQueue<string>();
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("pubsub", "pubsub.sqlite", ("connectionString", "pubsub.db")),
        [
            new TestApp("app", app =>
            {
                app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
                app.MapPost("/in", async (HttpRequest request) => events.Enqueue(await new StreamReader(request.Body).ReadToEndAsync()));
                app.MapGet("/hello", () => "hello");
            }),
        ]);

        await mesh.StopAppAsync("app");
        await Poll.UntilAsync(async () => await mesh.StatusAsync("app", "/v1.0/healthz") == 500);
        var whileGone = await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/hello");
        var published = await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/t", "\"while gone\"");
        await mesh.StartAppAsync("app");
        await mesh.HealthyAsync();
        var afterwards = await mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/hello");

        Assert.Equal((500, "ERR_DIRECT_INVOKE"), (whileGone.Status, whileGone.ErrorCode));
        Assert.Equal(204, published.Status);
        Assert.Equal("hello", afterwards.Body);
        await Poll.UntilAsync(() => events.Any(one => one.Contains("while gone", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_APIs_can_be_used_while_the_app_is_not_there_yet()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("memory", "state.in-memory"),
            [new TestApp("late", null, options => options with { AppPort = FreePort.Next() })], healthy: false);

        var saved = await mesh.SendAsync("late", "POST", "/v1.0/state/memory", """[{"key":"k","value":1}]""");
        var health = await mesh.SendAsync("late", "GET", "/v1.0/healthz");

        Assert.Equal(204, saved.Status);
        Assert.Equal(204, await mesh.StatusAsync("late", "/v1.0/healthz/outbound"));
        Assert.Equal((500, "ERR_HEALTH_NOT_READY", "dapr is not ready: [app]"), (health.Status, health.ErrorCode, health.Message));
    }

    [Fact]
    public async Task An_app_whose_health_check_fails_is_called_by_nobody_until_it_is_well()
    {
        var (well, calls) = (false, 0);
        await using var mesh = await TestMesh.StartAsync("",
        [
            new TestApp("ill", app =>
            {
                app.MapGet("/fine", () => Volatile.Read(ref well) ? Results.Ok() : Results.StatusCode(503));
                app.MapGet("/x", () => Interlocked.Increment(ref calls));
            }, options => options with { Health = new AppHealthOptions { Path = "/fine", Interval = TimeSpan.FromMilliseconds(20), Threshold = 2 } }),
            new TestApp("caller"),
        ], healthy: false);

        var refused = await mesh.SendAsync("caller", "GET", "/v1.0/invoke/ill/method/x");
        Volatile.Write(ref well, true);
        await Poll.UntilAsync(async () => (await mesh.SendAsync("caller", "GET", "/v1.0/invoke/ill/method/x")).Status == 200);
        Volatile.Write(ref well, false);
        await Poll.UntilAsync(async () => (await mesh.SendAsync("caller", "GET", "/v1.0/invoke/ill/method/x")).Status == 500);

        Assert.Equal((500, "failed to invoke, id: ill, err: app is not in a healthy state"), (refused.Status, refused.Message));
        Assert.True(calls > 0);
    }

    [Fact]
    public async Task An_unhealthy_app_gets_no_events_and_no_input_until_it_is_well_again()
    {
        var (well, events, ticks) = (true, 0, 0);
        await using var mesh = await TestMesh.StartAsync(
            Yaml.All(Yaml.Component("pubsub", "pubsub.sqlite", ("connectionString", "pubsub.db")), Yaml.Component("tick", "bindings.cron", ("schedule", "@every 1s"), ("direction", "input"))),
        [
            new TestApp("app", app =>
            {
                app.MapGet("/healthz", () => Volatile.Read(ref well) ? Results.Ok() : Results.StatusCode(503));
                app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
                app.MapPost("/in", () => { Interlocked.Increment(ref events); });
                app.MapPost("/tick", () => { Interlocked.Increment(ref ticks); });
            }, options => options with { Health = new AppHealthOptions { Interval = TimeSpan.FromMilliseconds(20), Threshold = 2 } }),
        ]);
        await Poll.UntilAsync(() => Volatile.Read(ref ticks) > 0);

        Volatile.Write(ref well, false);
        await Poll.UntilAsync(async () => await mesh.StatusAsync("app", "/v1.0/healthz") == 500);
        await Poll.UntilAsync(async () => !(await mesh.SendAsync("app", "GET", "/v1.0/metadata")).Body.Contains("\"topic\":\"t\"", StringComparison.Ordinal));
        var before = Volatile.Read(ref ticks);
        await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/t", "1");
        var (eventsWhileIll, ticksWhileIll) = (Volatile.Read(ref events), Volatile.Read(ref ticks) - before);
        Volatile.Write(ref well, true);
        await Poll.UntilAsync(() => Volatile.Read(ref events) == 1 && Volatile.Read(ref ticks) > before);

        Assert.Equal((0, 0), (eventsWhileIll, ticksWhileIll));
    }

    [Fact]
    public async Task A_call_and_an_event_in_hand_are_finished_before_the_host_goes()
    {
        var started = new TaskCompletionSource();
        var handled = 0;
        var inHand = 0;
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("pubsub", "pubsub.sqlite", ("connectionString", "pubsub.db")),
        [
            new TestApp("app", app =>
            {
                app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
                app.MapPost("/in", async () => { Interlocked.Increment(ref inHand); await started.Task; Interlocked.Increment(ref handled); });
                app.MapGet("/slow", async () => { Interlocked.Increment(ref inHand); await started.Task; return "done"; });
            }),
        ]);

        var call = mesh.SendAsync("app", "GET", "/v1.0/invoke/app/method/slow");
        await mesh.SendAsync("app", "POST", "/v1.0/publish/pubsub/t", "1");
        await Poll.UntilAsync(() => Volatile.Read(ref inHand) == 2);
        var stopping = mesh.StopHostAsync();
        Assert.False(stopping.IsCompleted);
        started.SetResult();
        await stopping;

        Assert.Equal("done", (await call).Body);
        Assert.Equal(1, handled);
    }

    [Fact]
    public async Task The_public_port_serves_health_and_metadata_and_nothing_else_and_wants_no_token()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app", app => app.MapFallback(() => "the app"), options => options with { PublicPort = 0, PublicListenAddress = "127.0.0.2", ApiToken = "secret" })]);
        async Task<int> StatusAsync(HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.2:{mesh.Host.PublicPort("app")}{path}"));
            request.Headers.TryAddWithoutValidation("dapr-app-id", "app");
            using var answer = await mesh.Http.SendAsync(request);
            return (int)answer.StatusCode;
        }

        Assert.Equal((204, 204, 200), (await StatusAsync(HttpMethod.Get, "/v1.0/healthz"), await StatusAsync(HttpMethod.Get, "/v1.0/healthz/outbound"), await StatusAsync(HttpMethod.Get, "/v1.0/metadata")));
        Assert.Equal((404, 404, 404),
            (await StatusAsync(HttpMethod.Post, "/v1.0/shutdown"), await StatusAsync(HttpMethod.Put, "/v1.0/metadata/colour"), await StatusAsync(HttpMethod.Get, "/v1.0/invoke/app/method/x")));
    }

    [Fact]
    public async Task An_app_that_is_not_to_be_asked_for_topics_and_actors_is_not()
    {
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("pubsub", "pubsub.in-memory"),
            [new TestApp("app", app => app.MapFallback((HttpRequest request) => asked.Enqueue(request.Path)), options => options with { AskForActors = false, AskForSubscriptions = false })]);

        Assert.DoesNotContain(asked, path => path.StartsWith("/dapr/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_of_another_app_id_is_not_answered_for()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app")]);

        var other = await mesh.SendAsync("app", "GET", "/v1.0/healthz?appid=other");

        Assert.Equal((500, "ERR_HEALTH_APPID_NOT_MATCH"), (other.Status, other.ErrorCode));
        Assert.Equal(204, await mesh.StatusAsync("app", "/v1.0/healthz?appid=app"));
    }
}
