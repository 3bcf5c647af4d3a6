using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Tarasol.Sidecar.PubSub;
using Tarasol.Tests.Servers;
using Tarasol.Tests.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.Redis;

/// <summary>The server goes away or is not there yet.</summary>
public sealed class RedisOutageTests
{
    [Fact]
    public async Task A_server_that_is_not_there_at_the_start_makes_the_sidecar_unhealthy_until_it_comes()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(server, ("readTimeout", "300")), healthy: false);

        foreach (var route in (string[])["/v1.0/healthz", "/v1.0/healthz/outbound"])
        {
            var (status, _, said) = await sidecar.SendAsync("GET", route);
            Assert.Equal(HttpStatusCode.InternalServerError, status);
            Assert.Contains($"component statestore: redis at {server.Address}", said, StringComparison.Ordinal);
        }
        var (answer, _, body) = await sidecar.SendAsync("GET", "/v1.0/state/statestore/a");
        Assert.Equal(HttpStatusCode.InternalServerError, answer);
        Assert.Contains("ERR_STATE_GET", body, StringComparison.Ordinal);

        await server.StartAgainAsync();
        await sidecar.HealthyAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("POST", "/v1.0/state/statestore", """[{"key":"a","value":1}]""")).Status);
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_the_host_lives()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "right");
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(server, ("redisPassword", "wrong")), healthy: false);
        await Poll.UntilAsync(async () => (await sidecar.SendAsync("GET", "/v1.0/healthz")).Body.Contains("WRONGPASS", StringComparison.Ordinal));
        await using var right = await SidecarUnderTest.StartAsync(Store(server, ("redisPassword", "right")));
    }

    [Fact]
    public async Task Saves_survive_kills_of_the_server_and_what_was_acknowledged_is_there()
    {
        await using var server = await RedisServer.StartAsync();
        await using var sidecar = await SidecarUnderTest.StartAsync(Store(server));
        using var stop = new CancellationTokenSource();
        var acknowledged = new int[4];
        var saving = Enumerable.Range(0, acknowledged.Length).Select(writer => Task.Run(async () =>
        {
            for (var n = 1; !stop.IsCancellationRequested; n++)
            {
                var (status, _, _) = await sidecar.SendAsync("POST", "/v1.0/state/statestore", $$"""[{"key":"w{{writer}}","value":{{n}}}]""");
                if (status == HttpStatusCode.NoContent)
                    acknowledged[writer] = n;
            }
        })).ToList();
        for (var kill = 0; kill < 3; kill++)
        {
            var before = acknowledged.ToArray();
            await Poll.UntilAsync(() => acknowledged.Zip(before).All(pair => pair.First > pair.Second + 20));
            await server.KillAsync();
            await server.StartAgainAsync();
        }
        await Poll.UntilAsync(async () => (await sidecar.SendAsync("GET", "/v1.0/state/statestore/w0")).Status == HttpStatusCode.OK);
        await stop.CancelAsync();
        await Task.WhenAll(saving);
        for (var writer = 0; writer < acknowledged.Length; writer++)
        {
            var value = int.Parse((await sidecar.SendAsync("GET", $"/v1.0/state/statestore/w{writer}")).Body, CultureInfo.InvariantCulture);
            Assert.True(value >= acknowledged[writer], $"writer {writer}: {acknowledged[writer]} was acknowledged, {value} is there");
        }
    }

    [Fact]
    public async Task A_subscription_begins_when_its_server_comes()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await using var sidecar = await SidecarUnderTest.StartAsync(PubSub(server), healthy: false);
        var seen = new Recorder();
        await using var subscription = await sidecar.Find<IPubSub>("pubsub").SubscribeAsync(new TopicConsumer("t", "app", PubSubMessage.NoMetadata), seen.HandleAsync, default);
        await server.StartAgainAsync();
        await sidecar.HealthyAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("POST", "/v1.0/publish/pubsub/t", "1")).Status);
        await Poll.UntilAsync(() => seen.Messages.Count == 1);
    }

    [Fact]
    public async Task Over_kills_of_the_server_every_event_is_handled_and_poison_is_in_the_dead_letter_topic()
    {
        await using var server = await RedisServer.StartAsync();
        var app = new RecordingApp("""
            [{"pubsubname":"pubsub","topic":"t","route":"/event","deadLetterTopic":"dead"},{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]
            """)
        {
            Answer = (one, _) => one.Path == "/event" && int.Parse(one.Data!, CultureInfo.InvariantCulture) % 10 == 0 ? Results.StatusCode(500) : Results.Ok(),
        };
        await using var mesh = await PubSubMesh.StartAsync(PubSub(server, ("processingTimeout", "1s"), ("redeliverInterval", "300ms")), app.Configure);
        const int Count = 2000;
        var next = -1;
        var publishing = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var n = Interlocked.Increment(ref next); n < Count; n = Interlocked.Increment(ref next))
            {
                while (await mesh.PublishAsync("pubsub/t", $"{n}") != HttpStatusCode.NoContent)
                {
                    // Until it is accepted, as a relay does it.
                }
            }
        })).ToList();
        foreach (var part in (int[])[300, 900, 1500])
        {
            await Poll.UntilAsync(() => Volatile.Read(ref next) >= part, 60);
            await server.KillAsync();
            await server.StartAgainAsync();
        }
        await Task.WhenAll(publishing);
        HashSet<int> Seen(string path) => [.. app.On(path).Select(one => int.Parse(one.Data!, CultureInfo.InvariantCulture))];
        await Poll.UntilAsync(() => Seen("/event").Count == Count && Seen("/dead").Count == Count / 10, 60, () => $"{Seen("/event").Count} handled, {Seen("/dead").Count} dead");
        Assert.All(Seen("/dead"), n => Assert.Equal(0, n % 10));
    }

    private static string PubSub(TestServer server, params (string Name, string Value)[] more) =>
        SidecarUnderTest.Component("pubsub", "pubsub.redis", [("redisHost", server.Address), .. more]);

    private static string Store(TestServer server, params (string Name, string Value)[] more) =>
        SidecarUnderTest.Component("statestore", "state.redis", [("redisHost", server.Address), .. more]);
}
