using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;
using Tarasol.Sidecar.Components;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>pubsub.jetstream on a real NATS server.</summary>
public sealed class JetStreamTests(NatsBroker broker) : IClassFixture<NatsBroker>
{
    private static string Subscribe(string topic, string rest = "\"route\":\"/in\"") => $$"""[{"pubsubname":"pubsub","topic":"{{topic}}",{{rest}}}]""";

    [Fact]
    public async Task On_an_empty_server_a_topic_gets_a_stream_and_each_app_a_durable_consumer()
    {
        var app = new RecordingApp(Subscribe("letter.registered_now.v1"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/letter.registered_now.v1", """{"n":1}"""));
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        var one = app.Received.Single();
        Assert.Equal(("letter.registered_now.v1", "{\"n\":1}"), (one.Headers["topic"], one.Data));
        var stream = await broker.WithJetStreamAsync(async jetStream => (await jetStream.GetStreamAsync("letter_registered__now_v1")).Info);
        Assert.Equal(("letter.registered_now.v1", StreamConfigRetention.Interest, StreamConfigStorage.File), (stream.Config.Subjects!.Single(), stream.Config.Retention, stream.Config.Storage));
        await Poll.UntilAsync(async () => await broker.CountAsync("letter_registered__now_v1") == 0);
        var consumer = await broker.ConsumerAsync("letter_registered__now_v1", "app-letter_registered__now_v1");
        Assert.Equal(("letter.registered_now.v1", ConsumerConfigAckPolicy.Explicit, ConsumerConfigDeliverPolicy.All, true),
            (consumer.Config.FilterSubject, consumer.Config.AckPolicy, consumer.Config.DeliverPolicy, consumer.Config.DeliverSubject!.StartsWith("_INBOX.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_a_stream_publishing_and_subscribing_fail_until_there_is_one()
    {
        var app = new RecordingApp(Subscribe("streamless"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("createStreams = false"), app.Configure, healthy: false);
        using (var answer = await mesh.SendAsync("/v1.0/publish/pubsub/streamless", "1"))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.Contains("no stream of NATS takes the subject streamless", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.InternalServerError, (await mesh.Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative))).StatusCode);
        await broker.CreateStreamAsync("MADE_BY_HAND", "streamless", "others.>");
        await mesh.HealthyAsync();
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/streamless", "1"));
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
    }

    [Fact]
    public async Task A_consumer_has_what_the_metadata_says()
    {
        await broker.CreateStreamAsync("CONFIGURED", "configured");
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(
            "streamName = CONFIGURED", "durableName = mine", "queueGroupName = ours", "startSequence = 3", "deliverPolicy = sequence", "ackPolicy = all", "ackWait = 7s", "maxDeliver = 9",
            "maxAckPending = 11", "replicas = 1", "memoryStorage = true", "rateLimit = 1000000", "heartbeat = 5s", "flowControl = true", "backOff = 1s, 2s", "name = from the test"),
            new RecordingApp(Subscribe("configured")).Configure);
        var config = (await broker.ConsumerAsync("CONFIGURED", "mine")).Config;
        Assert.Equal(("mine", "ours", 3ul, ConsumerConfigDeliverPolicy.ByStartSequence, ConsumerConfigAckPolicy.All, 9L, 11L),
            (config.DurableName, config.DeliverGroup, config.OptStartSeq, config.DeliverPolicy, config.AckPolicy, config.MaxDeliver, config.MaxAckPending));
        Assert.Equal((1, true, 1000000L, TimeSpan.FromSeconds(5), true, "configured"),
            (config.NumReplicas, config.MemStorage, config.RateLimitBps, config.IdleHeartbeat, config.FlowControl, config.FilterSubject));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], config.Backoff!);
    }

    [Fact]
    public async Task An_ephemeral_consumer_starts_where_the_metadata_says()
    {
        await broker.CreateStreamAsync("TIMED", "timed");
        var app = new RecordingApp(Subscribe("timed"));
        await using (var before = await PubSubMesh.StartAsync(await broker.ComponentAsync("durableName"), new RecordingApp("[]").Configure))
        {
            await before.PublishAsync("pubsub/timed", "1");
            await before.PublishAsync("pubsub/timed", "2");
        }
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("durableName", "deliverPolicy = last"), app.Configure);
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        await mesh.PublishAsync("pubsub/timed", "3");
        await Poll.UntilAsync(() => app.Received.Any(one => one.Data == "3"));
        Assert.Equal(["2", "3"], app.Received.Select(one => one.Data));
        Assert.Null((await broker.ConsumersAsync("TIMED")).Single().Config.DurableName);
    }

    [Fact]
    public async Task The_envelopes_id_is_the_messages_id_so_that_a_repetition_is_no_second_event()
    {
        await broker.CreateStreamAsync("IDS", "ids");
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), new RecordingApp("[]").Configure);
        foreach (var id in new[] { "a", "a", "b" })
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/ids", $$"""{"specversion":"1.0","id":"{{id}}","type":"t","source":"s","data":1}""", "application/cloudevents+json"));
        }
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/ids", "raw", "text/plain", "?metadata.rawPayload=true"));
        var messages = await broker.WithJetStreamAsync(async jetStream =>
        {
            var consumer = await jetStream.CreateOrderedConsumerAsync("IDS");
            var read = new List<(string? Id, string Body)>();
            await foreach (var message in consumer.FetchAsync(new() { MaxMsgs = 3 }, NatsUtf8PrimitivesSerializer<string>.Default))
                read.Add((message.Headers?["Nats-Msg-Id"].ToString(), message.Data!));
            return read;
        });
        Assert.Equal(["a", "b", null], messages.Select(message => message.Id));
        Assert.Equal("ids", JsonDocument.Parse(messages[0].Body).RootElement.GetProperty("topic").GetString());
        Assert.Equal("raw", messages[2].Body);
    }

    [Fact]
    public async Task Events_wait_for_an_app_and_a_sidecar_that_are_away()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"away","route":"/in","deadLetterTopic":"away-dead"},{"pubsubname":"pubsub","topic":"away-dead","route":"/dead"}]""");
        await using var other = await PubSubMesh.StartAsync(await broker.ComponentAsync(), new RecordingApp("[]").Configure);
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        await mesh.PublishAsync("pubsub/away", "1");
        await Poll.UntilAsync(() => app.Received.Count == 1);
        await mesh.StopAppAsync();
        foreach (var n in Enumerable.Range(2, 20))
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/away", $"{n}"));
        }
        await mesh.StopSidecarAsync();
        await other.PublishAsync("pubsub/away", "22");
        await mesh.StartAppAsync();
        await mesh.StartSidecarAsync();
        await Poll.UntilAsync(() => app.On("/in").Select(one => one.Data).Distinct().Count() == 22);
        Assert.Empty(app.On("/dead"));
        await Poll.UntilAsync(async () => await broker.OpenAsync("away") == 0);
    }

    [Fact]
    public async Task Hosts_with_a_queue_group_share_the_messages_of_a_durable_consumer()
    {
        var (one, two) = (new RecordingApp(Subscribe("shared")), new RecordingApp(Subscribe("shared")));
        await using var first = await PubSubMesh.StartAsync(await broker.ComponentAsync("queueGroupName = group"), one.Configure);
        await using var second = await PubSubMesh.StartAsync(await broker.ComponentAsync("queueGroupName = group"), two.Configure);
        foreach (var n in Enumerable.Range(1, 100))
        {
            await first.PublishAsync("pubsub/shared", $"{n}");
        }
        await Poll.UntilAsync(() => one.Received.Count + two.Received.Count >= 100);
        Assert.Equal(100, one.Received.Concat(two.Received).Select(message => message.Data).Distinct().Count());
        Assert.True(one.Received.Count > 10 && two.Received.Count > 10, $"{one.Received.Count} and {two.Received.Count}");
        await first.StopSidecarAsync();
        await second.PublishAsync("pubsub/shared", "\"alone\"");
        await Poll.UntilAsync(() => two.Received.Any(message => message.Data == "alone"));
    }

    [Fact]
    public async Task A_durable_consumer_without_a_group_is_one_hosts_and_goes_to_the_next_when_that_is_gone()
    {
        var (one, two) = (new RecordingApp(Subscribe("taken")), new RecordingApp(Subscribe("taken")));
        await using var first = await PubSubMesh.StartAsync(await broker.ComponentAsync(), one.Configure);
        await using var second = await PubSubMesh.StartAsync(await broker.ComponentAsync(), two.Configure, healthy: false);
        await first.PublishAsync("pubsub/taken", "1");
        await Poll.UntilAsync(() => !one.Received.IsEmpty);
        Assert.Equal(HttpStatusCode.InternalServerError, (await second.Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative))).StatusCode);
        await first.StopSidecarAsync();
        await second.HealthyAsync();
        await second.PublishAsync("pubsub/taken", "2");
        await Poll.UntilAsync(() => !two.Received.IsEmpty);
        Assert.Equal("2", two.Received.Single().Data);
    }

    [Fact]
    public async Task A_failed_message_comes_back_until_maxDeliver()
    {
        var app = new RecordingApp(Subscribe("again")) { Answer = (one, _) => Results.StatusCode(one.Data == "1" ? 500 : 200) };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("maxDeliver = 3"), app.Configure);
        await mesh.PublishAsync("pubsub/again", "1");
        await Poll.UntilAsync(() => app.Received.Count >= 3);
        await mesh.PublishAsync("pubsub/again", "2");
        await Poll.UntilAsync(() => app.Received.Any(one => one.Data == "2"));
        Assert.Equal(["1", "1", "1", "2"], app.Received.Select(one => one.Data));
    }

    [Fact]
    public async Task What_the_app_refuses_goes_to_the_dead_letter_topic()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"bad","route":"/in","deadLetterTopic":"bad.dead"},{"pubsubname":"pubsub","topic":"bad.dead","route":"/dead"}]""")
        {
            Answer = (one, _) => Results.StatusCode(one.Path == "/in" ? 500 : 200),
        };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        await mesh.PublishAsync("pubsub/bad", "1");
        await Poll.UntilAsync(() => app.On("/dead").Any());
        Assert.Equal(app.On("/in").Single().Body, app.On("/dead").Single().Body);
    }

    [Fact]
    public async Task A_message_whose_dead_letter_cannot_be_written_is_kept_beyond_maxDeliver()
    {
        await broker.CreateStreamAsync("KEPT", "kept");
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"kept","route":"/in","deadLetterTopic":"kept-dead"}]""") { Answer = (_, _) => Results.StatusCode(500) };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("createStreams = false", "maxDeliver = 1", "ackWait = 1s"), app.Configure);
        await mesh.PublishAsync("pubsub/kept", "1");
        await Poll.UntilAsync(() => app.Received.Count >= 2);
        await broker.CreateStreamAsync("KEPT_DEAD", "kept-dead");
        await Poll.UntilAsync(async () => await broker.CountAsync("KEPT_DEAD") == 1);
        await Poll.UntilAsync(async () => await broker.OpenAsync("KEPT") == 0);
        Assert.Equal(1, await broker.CountAsync("KEPT_DEAD"));
    }

    [Theory]
    [InlineData("one-by-one", "", true)]
    [InlineData("single", "concurrency = single", true)]
    [InlineData("parallel", "concurrency = parallel", false)]
    public async Task Messages_come_one_at_a_time_unless_concurrency_is_parallel(string topic, string metadata, bool alone)
    {
        using var both = new CountdownEvent(2);
        var app = new RecordingApp(Subscribe(topic))
        {
            Answer = (one, _) =>
            {
                // With single the second never comes while the first waits.
                both.Signal(both.CurrentCount > 0 ? 1 : 0);
                both.Wait(TimeSpan.FromMilliseconds(alone ? 300 : 20000));
                return Results.Ok();
            },
        };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(metadata.Length == 0 ? [] : [metadata]), app.Configure);
        await mesh.PublishAsync($"pubsub/{topic}", "1");
        await mesh.PublishAsync($"pubsub/{topic}", "2");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        if (alone)
        {
            Assert.Equal(["1"], app.Received.Select(one => one.Data));
            await Poll.UntilAsync(() => app.Received.Count == 2);
            Assert.Equal(["1", "2"], app.Received.Select(one => one.Data));
        }
        else
        {
            Assert.True(both.Wait(TimeSpan.FromSeconds(20)));
        }
    }

    [Fact]
    public async Task Messages_that_wait_in_the_host_longer_than_ackWait_are_not_delivered_twice()
    {
        var app = new RecordingApp(Subscribe("slow")) { Answer = (_, _) => { Thread.Sleep(100); return Results.Ok(); } };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("ackWait = 500ms"), app.Configure);
        foreach (var n in Enumerable.Range(1, 20))
        {
            await mesh.PublishAsync("pubsub/slow", $"{n}");
        }
        await Poll.UntilAsync(() => app.Received.Count >= 20);
        await Poll.UntilAsync(async () => await broker.OpenAsync("slow") == 0);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => $"{n}"), app.Received.Select(one => one.Data));
    }

    [Fact]
    public async Task Bulk_publish_and_bulk_subscribe_carry_every_entry()
    {
        var app = new RecordingApp(Subscribe("bulk", """ "route":"/bulk","bulkSubscribe":{"enabled":true,"maxMessagesCount":50,"maxAwaitDurationMs":200} """))
        {
            Answer = (one, _) => Results.Json(new { statuses = one.Json.GetProperty("entries").EnumerateArray().Select(entry => new { entryId = entry.GetProperty("entryId").GetString(), status = "SUCCESS" }) }),
        };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        var entries = Enumerable.Range(1, 200).Select(n => $$"""{"entryId":"{{n}}","event":{{n}},"contentType":"application/json"}""");
        Assert.Equal(HttpStatusCode.NoContent, (await mesh.SendAsync("/v1.0/publish/bulk/pubsub/bulk", $"[{string.Join(',', entries)}]")).StatusCode);
        List<int> Seen() => [.. app.Received.SelectMany(one => one.Json.GetProperty("entries").EnumerateArray()).Select(entry => entry.GetProperty("event").GetProperty("data").GetInt32()).Order()];
        await Poll.UntilAsync(() => Seen().Count >= 200);
        Assert.Equal(Enumerable.Range(1, 200), Seen());
        Assert.True(app.Received.Count < 50, $"{app.Received.Count} calls for 200 entries");
    }

    [Theory]
    [InlineData("durableName = {appID}-{topic}", "killed-durable")]
    [InlineData("durableName", "killed-ephemeral")]
    public async Task After_the_servers_death_what_was_accepted_is_delivered_and_publishing_goes_on(string durable, string topic)
    {
        await broker.CreateStreamAsync(topic, topic);
        using var hold = new ManualResetEventSlim(false);
        var app = new RecordingApp(Subscribe(topic)) { Answer = (_, _) => { hold.Wait(TimeSpan.FromSeconds(60)); return Results.Ok(); } };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(durable, "ackWait = 5s"), app.Configure);
        foreach (var n in Enumerable.Range(1, 20))
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync($"pubsub/{topic}", $"{n}"));
        }
        var server = await broker.ServerAsync();
        await server.KillAsync();
        using var refused = await mesh.SendAsync($"/v1.0/publish/pubsub/{topic}", "\"refused\"");
        Assert.Equal((HttpStatusCode.InternalServerError, true),
            (refused.StatusCode, (await refused.Content.ReadAsStringAsync()).Contains("\"errorCode\":\"ERR_PUBSUB_PUBLISH_MESSAGE\"", StringComparison.Ordinal)));
        hold.Set();
        await server.StartAgainAsync();
        await Poll.UntilAsync(async () => await mesh.PublishAsync($"pubsub/{topic}", "21") == HttpStatusCode.NoContent);
        await Poll.UntilAsync(() => Enumerable.Range(1, 21).All(n => app.Received.Any(one => one.Data == $"{n}")));
    }

    [Fact]
    public async Task An_ephemeral_consumer_that_the_server_forgets_is_made_again_where_it_was()
    {
        await broker.CreateStreamAsync("FORGOTTEN", "forgotten");
        var app = new RecordingApp(Subscribe("forgotten"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("durableName"), app.Configure);
        await mesh.PublishAsync("pubsub/forgotten", "1");
        await Poll.UntilAsync(async () => app.Received.Count == 1 && await broker.OpenAsync("FORGOTTEN") == 0);
        var name = (await broker.ConsumersAsync("FORGOTTEN")).Single().Name!;
        await broker.WithJetStreamAsync(async jetStream => await jetStream.DeleteConsumerAsync("FORGOTTEN", name));
        await mesh.PublishAsync("pubsub/forgotten", "2");
        await Poll.UntilAsync(() => app.Received.Count >= 2);
        Assert.Equal(["1", "2"], app.Received.Select(one => one.Data));
    }

    [Fact]
    public async Task A_durable_consumer_that_someone_deletes_is_made_again()
    {
        await broker.CreateStreamAsync("DELETED", "deleted");
        var app = new RecordingApp(Subscribe("deleted"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        await broker.WithJetStreamAsync(async jetStream => await jetStream.DeleteConsumerAsync("DELETED", "app-deleted"));
        await mesh.PublishAsync("pubsub/deleted", "1");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
    }

    [Fact]
    public async Task A_server_that_is_not_there_at_the_start_is_waited_for_and_health_says_so()
    {
        await using var server = await NatsServer.StartAsync();
        await server.KillAsync();
        var app = new RecordingApp(Subscribe("late"));
        await using var mesh = await PubSubMesh.StartAsync(NatsBroker.Component(server.Address), app.Configure, healthy: false);
        foreach (var path in new[] { "/v1.0/healthz", "/v1.0/healthz/outbound" })
        {
            using var answer = await mesh.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((HttpStatusCode.InternalServerError, true), (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains("component pubsub", StringComparison.Ordinal)));
        }
        await server.StartAgainAsync();
        await mesh.HealthyAsync();
        await mesh.PublishAsync("pubsub/late", "1");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
    }

    [Theory]
    [InlineData("secret", "token = secret")]
    [InlineData("secret", "natsURL = nats://secret@")]
    public async Task A_token_opens_the_server(string token, string metadata)
    {
        await using var server = await NatsServer.StartAsync("--auth", token);
        await using var mesh = await PubSubMesh.StartAsync(NatsBroker.Component(server.Address, metadata.EndsWith('@') ? metadata + server.Address : metadata), new RecordingApp("[]").Configure);
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/opened", "1"));
    }

    [Fact]
    public async Task A_wrong_token_is_named_by_health_and_tried_again()
    {
        await using var server = await NatsServer.StartAsync("--auth", "right");
        await using var mesh = await PubSubMesh.StartAsync(NatsBroker.Component(server.Address, "token = wrong"), new RecordingApp("[]").Configure, healthy: false);
        await Poll.UntilAsync(async () => (await (await mesh.Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative))).Content.ReadAsStringAsync())
            .Contains("uthoriz", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_topics_cannot_share_one_durable_consumer()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"first.of.two","route":"/one"},{"pubsubname":"pubsub","topic":"second.of.two","route":"/two"}]""");
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("durableName = same"), app.Configure, healthy: false);
        await Poll.UntilAsync(async () => await mesh.PublishAsync("pubsub/first.of.two", "1") == HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.InternalServerError, (await mesh.Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData("natsURL", "natsURL is missing")]
    [InlineData("jwt = x", "jwt needs seedKey, which is missing")]
    [InlineData("seedKey = x", "seedKey needs jwt, which is missing")]
    [InlineData("tls_client_cert = x", "tls_client_cert needs tls_client_key, which is missing")]
    [InlineData("deliverPolicy = some", "deliverPolicy must be one of all, last, new, sequence, time, not some")]
    [InlineData("startSequence = first", "startSequence must be a whole number")]
    [InlineData("ackWait = long", "ackWait: long is no duration")]
    [InlineData("backOff = 1s,x", "backOff: x is no duration")]
    [InlineData("concurrency = double", "concurrency must be one of single, parallel, not double")]
    public async Task Wrong_metadata_is_refused_by_name(string metadata, string problem)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PubSubMesh.StartAsync(NatsBroker.Component("127.0.0.1:1", metadata), new RecordingApp("[]").Configure));
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.Contains("component pubsub (pubsub.jetstream)", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b", "a_b")]
    [InlineData("a_b", "a__b")]
    [InlineData("رسائل/1 >", "رسائل_1__")]
    public void A_topic_becomes_a_name_without_dots_and_wildcards(string topic, string name) => Assert.Equal(name, JetStreamOptions.StreamOf(topic));
}
