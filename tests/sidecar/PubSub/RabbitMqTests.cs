using System.Net;
using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using RabbitMQ.Client;
using Tarasol.Sidecar.Components;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>pubsub.rabbitmq on a real broker.</summary>
public sealed class RabbitMqTests(RabbitMqBroker broker) : IClassFixture<RabbitMqBroker>
{
    private static string Subscribe(string topic, string rest = "\"route\":\"/in\"") => $$"""[{"pubsubname":"pubsub","topic":"{{topic}}",{{rest}}}]""";

    public static TheoryData<string, string[], string, bool, Dictionary<string, object?>> Queues => new()
    {
        { "plain", [], "{}", false, new() { ["x-queue-type"] = "classic" } },
        { "auto", ["deletedWhenUnused = true"], "{}", true, new() { ["x-queue-type"] = "classic" } },
        { "limits", ["maxLen = 100", "maxLenBytes = 100000"], "{}", false, new() { ["x-queue-type"] = "classic", ["x-max-length"] = 100L, ["x-max-length-bytes"] = 100000L } },
        { "own-limits", ["maxLen = 100"], """{"maxLen":"7","maxLenBytes":"8000"}""", false,
            new() { ["x-queue-type"] = "classic", ["x-max-length"] = 7L, ["x-max-length-bytes"] = 8000L } },
        { "priority", [], """{"maxPriority":"300","singleActiveConsumer":"true"}""", false,
            new() { ["x-queue-type"] = "classic", ["x-max-priority"] = byte.MaxValue, ["x-single-active-consumer"] = true } },
        { "quorum", [], """{"queueType":"quorum"}""", false, new() { ["x-queue-type"] = "quorum" } },
        { "letters", ["enableDeadLetter = true", "maxLen = 5"], "{}", false,
            new() { ["x-queue-type"] = "classic", ["x-max-length"] = 5L, ["x-dead-letter-exchange"] = "dlx-app-letters" } },
    };

    [Theory]
    [MemberData(nameof(Queues))]
    public async Task Exchange_and_queue_are_declared_as_daprd_declares_them(string topic, string[] metadata, string subscription, bool autoDelete, Dictionary<string, object?> arguments)
    {
        var app = new RecordingApp(Subscribe(topic, $"\"route\":\"/in\",\"metadata\":{subscription}"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(metadata), app.Configure);
        Assert.True(await broker.IsExchangeAsync(topic, "fanout", durable: true, autoDelete));
        Assert.True(await broker.IsQueueAsync($"app-{topic}", durable: true, autoDelete, arguments));
        Assert.False(await broker.IsQueueAsync($"app-{topic}", durable: true, autoDelete, new() { ["x-queue-type"] = "classic", ["x-expires"] = 1000 }));
    }

    [Fact]
    public async Task The_dead_letter_queue_is_lazy_and_gets_what_failed()
    {
        var app = new RecordingApp(Subscribe("sad")) { Answer = (_, _) => Results.StatusCode(500) };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("enableDeadLetter = true", "requeueInFailure = false", "maxLen = 9"), app.Configure);
        Assert.True(await broker.IsExchangeAsync("dlx-app-sad", "fanout", durable: true, autoDelete: false));
        Assert.True(await broker.IsQueueAsync("dlq-app-sad", durable: true, autoDelete: false, new() { ["x-queue-mode"] = "lazy", ["x-max-length"] = 9L }));
        await mesh.PublishAsync("pubsub/sad", "\"poison\"");
        var (_, body) = await broker.TakeAsync("dlq-app-sad");
        Assert.Equal(app.Received.Single().Body, body);
        Assert.Equal(0u, await broker.CountAsync("app-sad"));
    }

    [Fact]
    public async Task A_message_carries_the_envelope_and_the_properties_that_its_metadata_names()
    {
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("ttlInSeconds = 90"), new RecordingApp("[]").Configure);
        await broker.WithChannelAsync(async channel =>
        {
            await channel.ExchangeDeclareAsync("properties", "fanout", durable: true, autoDelete: false);
            await channel.QueueDeclareAsync("seen", durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync("seen", "properties", "");
        });
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/properties", """{"n":1}"""));
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/properties", "{}", query:
            "?metadata.contentType=application/x&metadata.messageid=m1&metadata.correlationID=c1&metadata.type=t1&metadata.priority=999&metadata.ttlInSeconds=5&metadata.rawPayload=true"));
        var (plain, body) = await broker.TakeAsync("seen");
        Assert.Equal(("text/plain", DeliveryModes.Persistent, "90000", false, false), (plain.ContentType, plain.DeliveryMode, plain.Expiration, plain.IsHeadersPresent(), plain.IsPriorityPresent()));
        Assert.Equal(("com.dapr.event.sent", false), (JsonDocument.Parse(body).RootElement.GetProperty("type").GetString(), body.Contains("expiration", StringComparison.Ordinal)));
        var (full, raw) = await broker.TakeAsync("seen");
        Assert.Equal(("application/x", "m1", "c1", "t1", (byte)255, "5000", "{}"), (full.ContentType, full.MessageId, full.CorrelationId, full.Type, full.Priority, full.Expiration, raw));
    }

    [Fact]
    public async Task Without_deliveryMode_a_message_names_none()
    {
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("deliveryMode = 0"), new RecordingApp("[]").Configure);
        await broker.WithChannelAsync(async channel =>
        {
            await channel.ExchangeDeclareAsync("transient", "fanout", durable: true, autoDelete: false);
            await channel.QueueDeclareAsync("transient-seen", durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync("transient-seen", "transient", "");
        });
        await mesh.PublishAsync("pubsub/transient", "1");
        Assert.False((await broker.TakeAsync("transient-seen")).Properties.IsDeliveryModePresent());
    }

    [Fact]
    public async Task Routing_keys_choose_the_messages_of_a_queue_that_the_subscription_names()
    {
        var app = new RecordingApp(Subscribe("routed", """ "route":"/in","metadata":{"queueName":"chosen","routingKey":"letter.*,memo"} """));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("exchangeKind = topic"), app.Configure);
        foreach (var key in new[] { "letter.new", "other", "memo", "" })
        {
            await mesh.PublishAsync("pubsub/routed", $"\"{key}\"", query: key.Length == 0 ? "" : $"?metadata.routingKey={key}");
        }
        await mesh.PublishAsync("pubsub/routed", "\"last\"", query: "?metadata.routingKey=memo");
        await Poll.UntilAsync(() => app.Received.Any(one => one.Data == "last"));
        Assert.Equal(["last", "letter.new", "memo"], app.Received.Select(one => one.Data).Order());
        Assert.True(await broker.IsQueueAsync("chosen", durable: true, autoDelete: false, new() { ["x-queue-type"] = "classic" }));
    }

    [Theory]
    [InlineData("again", "requeueInFailure = true", 3)]
    [InlineData("gone", "requeueInFailure = false", 1)]
    [InlineData("unasked", "autoAck = true", 1)]
    public async Task A_failed_message_comes_back_only_with_requeueInFailure(string topic, string metadata, int deliveries)
    {
        var app = new RecordingApp(Subscribe(topic)) { Answer = (one, n) => Results.StatusCode(one.Data == "1" && n < 3 ? 500 : 200) };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(metadata, "concurrency = single", "prefetchCount = 1"), app.Configure);
        await mesh.PublishAsync($"pubsub/{topic}", "1");
        await Poll.UntilAsync(() => app.Received.Count >= deliveries);
        await mesh.PublishAsync($"pubsub/{topic}", "2");
        await Poll.UntilAsync(() => app.Received.Any(one => one.Data == "2"));
        Assert.Equal(deliveries, app.Received.Count(one => one.Data == "1"));
        await mesh.StopSidecarAsync();
        Assert.Equal(0u, await broker.CountAsync($"app-{topic}"));
    }

    [Fact]
    public async Task What_the_app_refuses_goes_to_the_dead_letter_topic()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"bad","route":"/in","deadLetterTopic":"bad-dead"},{"pubsubname":"pubsub","topic":"bad-dead","route":"/dead"}]""")
        {
            Answer = (one, _) => Results.StatusCode(one.Path == "/in" ? 500 : 200),
        };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        await mesh.PublishAsync("pubsub/bad", "1");
        await Poll.UntilAsync(() => app.On("/dead").Any());
        Assert.Equal(app.On("/in").Single().Body, app.On("/dead").Single().Body);
    }

    [Fact]
    public async Task With_concurrency_single_messages_keep_their_order_one_at_a_time()
    {
        var running = 0;
        var most = 0;
        var app = new RecordingApp(Subscribe("ordered"))
        {
            Answer = (_, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                Thread.Sleep(1);
                Interlocked.Decrement(ref running);
                return Results.Ok();
            },
        };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("concurrency = single"), app.Configure);
        foreach (var n in Enumerable.Range(1, 50))
        {
            await mesh.PublishAsync("pubsub/ordered", $"{n}");
        }
        await Poll.UntilAsync(() => app.Received.Count == 50);
        Assert.Equal(Enumerable.Range(1, 50).Select(n => $"{n}"), app.Received.Select(one => one.Data));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task No_more_than_prefetchCount_messages_leave_the_queue_unsettled()
    {
        using var hold = new SemaphoreSlim(0);
        var app = new RecordingApp(Subscribe("few")) { Answer = (_, _) => { hold.Wait(TimeSpan.FromSeconds(20)); return Results.Ok(); } };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("prefetchCount = 3"), app.Configure);
        foreach (var n in Enumerable.Range(1, 10))
        {
            await mesh.PublishAsync("pubsub/few", $"{n}");
        }
        await Poll.UntilAsync(() => app.Received.Count == 3);
        Assert.Equal(7u, await broker.CountAsync("app-few"));
        hold.Release(10);
        await Poll.UntilAsync(() => app.Received.Count == 10);
    }

    [Fact]
    public async Task Hosts_of_one_consumer_share_its_messages_and_another_consumer_gets_all()
    {
        var (one, two, other) = (new RecordingApp(Subscribe("shared")), new RecordingApp(Subscribe("shared")), new RecordingApp(Subscribe("shared")));
        await using var first = await PubSubMesh.StartAsync(await broker.ComponentAsync("prefetchCount = 1"), one.Configure);
        await using var second = await PubSubMesh.StartAsync(await broker.ComponentAsync("prefetchCount = 1"), two.Configure);
        await using var third = await PubSubMesh.StartAsync(await broker.ComponentAsync("consumerID = other"), other.Configure);
        foreach (var n in Enumerable.Range(1, 100))
        {
            await first.PublishAsync("pubsub/shared", $"{n}");
        }
        await Poll.UntilAsync(() => one.Received.Count + two.Received.Count == 100 && other.Received.Count == 100);
        Assert.True(one.Received.Count > 10 && two.Received.Count > 10, $"{one.Received.Count} and {two.Received.Count}");
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

    [Fact]
    public async Task A_message_that_outlives_its_ttl_in_the_queue_is_not_delivered()
    {
        var app = new RecordingApp(Subscribe("brief"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        await mesh.StopAppAsync();
        await Poll.UntilAsync(async () => !(await mesh.MetadataAsync()).TryGetProperty("subscriptions", out _));
        await mesh.PublishAsync("pubsub/brief", "\"short\"", query: "?metadata.ttlInSeconds=1");
        await mesh.PublishAsync("pubsub/brief", "\"long\"", query: "?metadata.ttlInSeconds=100");
        await Poll.UntilAsync(async () => await broker.CountAsync("app-brief") == 1);
        await mesh.StartAppAsync();
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        Assert.Equal("long", app.Received.Single().Data);
    }

    [Fact]
    public async Task Properties_become_headers_of_the_delivery_when_asked_for()
    {
        var app = new RecordingApp(Subscribe("properties-in"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("publishMessagePropertiesToMetadata = true"), app.Configure);
        await broker.WithChannelAsync(channel => channel.BasicPublishAsync("properties-in", "", mandatory: true,
            new BasicProperties { MessageId = "m1", CorrelationId = "c1", Type = "t1", ContentType = "text/x", Headers = new Dictionary<string, object?> { ["origin"] = "archive", ["count"] = 3 } },
            """{"specversion":"1.0","id":"1","type":"t","source":"s","data":1}"""u8.ToArray()).AsTask());
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        var headers = app.Received.Single().Headers;
        Assert.Equal(["m1", "c1", "t1", "text/x", "archive", "3"],
            new[] { "messageid", "correlationid", "type", "contenttype", "origin", "count" }.Select(name => headers[$"metadata.{name}"]));
    }

    [Fact]
    public async Task An_app_that_goes_away_loses_nothing_and_nothing_becomes_a_dead_letter()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"away","route":"/in","deadLetterTopic":"away-dead"},{"pubsubname":"pubsub","topic":"away-dead","route":"/dead"}]""");
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("requeueInFailure = false"), app.Configure);
        await mesh.PublishAsync("pubsub/away", "1");
        await Poll.UntilAsync(() => app.Received.Count == 1);
        await mesh.StopAppAsync();
        foreach (var n in Enumerable.Range(2, 20))
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/away", $"{n}"));
        }
        await mesh.StartAppAsync();
        await Poll.UntilAsync(() => app.On("/in").Select(one => one.Data).Distinct().Count() == 21);
        Assert.Empty(app.On("/dead"));
    }

    [Fact]
    public async Task After_the_brokers_death_what_was_accepted_is_delivered_and_publishing_goes_on()
    {
        using var hold = new ManualResetEventSlim(false);
        var app = new RecordingApp(Subscribe("killed")) { Answer = (_, _) => { hold.Wait(TimeSpan.FromSeconds(60)); return Results.Ok(); } };
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync("prefetchCount = 5"), app.Configure);
        foreach (var n in Enumerable.Range(1, 20))
        {
            Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/killed", $"{n}"));
        }
        var server = await broker.ServerAsync();
        await server.KillAsync();
        using var refused = await mesh.SendAsync("/v1.0/publish/pubsub/killed", "\"refused\"");
        Assert.Equal((HttpStatusCode.InternalServerError, true),
            (refused.StatusCode, (await refused.Content.ReadAsStringAsync()).Contains("\"errorCode\":\"ERR_PUBSUB_PUBLISH_MESSAGE\"", StringComparison.Ordinal)));
        hold.Set();
        await server.StartAgainAsync();
        await Poll.UntilAsync(async () => await mesh.PublishAsync("pubsub/killed", "21") == HttpStatusCode.NoContent);
        await Poll.UntilAsync(() => Enumerable.Range(1, 21).All(n => app.Received.Any(one => one.Data == $"{n}")));
    }

    [Fact]
    public async Task A_deleted_queue_is_declared_and_consumed_again()
    {
        var app = new RecordingApp(Subscribe("deleted"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        await broker.WithChannelAsync(channel => channel.QueueDeleteAsync("app-deleted"));
        await Poll.UntilAsync(async () =>
        {
            await mesh.PublishAsync("pubsub/deleted", "1");
            return !app.Received.IsEmpty;
        });
    }

    [Fact]
    public async Task A_broker_that_is_not_there_at_the_start_is_waited_for_and_health_says_so()
    {
        await using var server = await RabbitMqServer.StartAsync();
        await server.KillAsync();
        var app = new RecordingApp(Subscribe("late"));
        await using var mesh = await PubSubMesh.StartAsync(RabbitMqBroker.Component(RabbitMqServer.Url(server)), app.Configure, healthy: false);
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

    [Fact]
    public async Task A_queue_that_was_declared_otherwise_keeps_the_app_waiting_until_it_is_gone()
    {
        await broker.WithChannelAsync(channel => channel.QueueDeclareAsync("app-foreign", durable: false, exclusive: false, autoDelete: false));
        var app = new RecordingApp(Subscribe("foreign"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure, healthy: false);
        await Poll.UntilAsync(async () => (await mesh.Http.GetAsync(new Uri("/v1.0/healthz/outbound", UriKind.Relative))).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/elsewhere", "1"));
        using (var answer = await mesh.Http.GetAsync(new Uri("/v1.0/healthz", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }
        await broker.WithChannelAsync(channel => channel.QueueDeleteAsync("app-foreign"));
        await mesh.HealthyAsync();
    }

    [Fact]
    public async Task An_exchange_of_another_kind_refuses_the_publisher_with_the_brokers_words()
    {
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), new RecordingApp("[]").Configure);
        await broker.WithChannelAsync(channel => channel.ExchangeDeclareAsync("direct-one", "direct", durable: true, autoDelete: false));
        using var answer = await mesh.SendAsync("/v1.0/publish/pubsub/direct-one", "1");
        Assert.Contains("PRECONDITION_FAILED", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, await mesh.PublishAsync("pubsub/fine", "1"));
    }

    [Fact]
    public async Task Of_a_bulk_only_the_entries_that_failed_are_named()
    {
        var app = new RecordingApp(Subscribe("partly"));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        var entries = Enumerable.Range(1, 3).Select(n => $$$"""{"entryId":"e{{{n}}}","event":{{{n}}},"contentType":"application/json","metadata":{"type":"{{{new string('x', n == 2 ? 300 : 3)}}}"}}""");
        using var answer = await mesh.SendAsync("/v1.0/publish/bulk/pubsub/partly", $"[{string.Join(',', entries)}]");
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_PUBSUB_PUBLISH_MESSAGE"), (answer.StatusCode, body.RootElement.GetProperty("errorCode").GetString()));
        Assert.Equal(["e2"], body.RootElement.GetProperty("failedEntries").EnumerateArray().Select(entry => entry.GetProperty("entryId").GetString()));
        await Poll.UntilAsync(() => app.Received.Count == 2);
        Assert.Equal(["1", "3"], app.Received.Select(one => one.Data).Order());
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.GrpcPort}");
        var request = new BulkPublishRequest { PubsubName = "pubsub", Topic = "partly" };
        request.Entries.Add(new BulkPublishRequestEntry { EntryId = "g1", ContentType = "text/plain", Event = ByteString.CopyFromUtf8("4") });
        request.Entries.Add(new BulkPublishRequestEntry { EntryId = "g2", ContentType = "text/plain", Event = ByteString.CopyFromUtf8("5"), Metadata = { ["routingKey"] = new string('x', 300) } });
        Assert.Equal(["g2"], (await new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel).BulkPublishEventAsync(request)).FailedEntries.Select(entry => entry.EntryId));
        await Poll.UntilAsync(() => app.Received.Count == 3);
    }

    [Fact]
    public async Task Raw_bytes_arrive_in_a_new_envelope_and_belong_to_no_trace()
    {
        var app = new RecordingApp(Subscribe("raw", """ "route":"/in","metadata":{"rawPayload":"true"} """));
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), app.Configure);
        await mesh.PublishAsync("pubsub/raw", "bytes", "text/plain", "?metadata.rawPayload=true");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        var one = app.Received.Single();
        Assert.Equal("bytes", Encoding.UTF8.GetString(one.Json.GetProperty("data_base64").GetBytesFromBase64()));
        Assert.DoesNotContain("traceparent", one.Headers.Keys);
    }

    [Fact]
    public async Task A_name_that_AMQP_cannot_carry_is_refused_and_others_go_on()
    {
        await using var mesh = await PubSubMesh.StartAsync(await broker.ComponentAsync(), new RecordingApp("[]").Configure);
        var publishing = Enumerable.Range(0, 50).Select(n => mesh.PublishAsync("pubsub/named", "1", query: n % 2 == 0 ? "" : $"?metadata.routingKey={new string('x', 300)}")).ToList();
        Assert.Equal(Enumerable.Range(0, 50).Select(n => n % 2 == 0 ? HttpStatusCode.NoContent : HttpStatusCode.InternalServerError), await Task.WhenAll(publishing));
    }

    [Theory]
    [InlineData("deliveryMode = 3", "deliveryMode must be a whole number from 0 to 2, not 3")]
    [InlineData("prefetchCount = many", "prefetchCount")]
    [InlineData("exchangeKind = round", "exchangeKind must be one of fanout, topic, direct, headers, not round")]
    [InlineData("connectionString = localhost:5672", "connectionString is no amqp:// or amqps:// address")]
    [InlineData("protocol = amqps", "protocol amqps does not match")]
    [InlineData("protocol = http", "protocol must be amqp or amqps, not http")]
    [InlineData("ttlInSeconds = -1", "ttl value must be higher than zero")]
    [InlineData("heartBeat = often", "heartBeat: often is no duration")]
    [InlineData("concurrency = double", "concurrency must be one of parallel, single, not double")]
    [InlineData("saslExternal = true", "saslExternal can only be true when caCert, clientCert and clientKey are set")]
    [InlineData("caCert = none", "caCert is not a certificate in PEM form")]
    public async Task Wrong_metadata_is_refused_by_name(string metadata, string problem)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PubSubMesh.StartAsync(RabbitMqBroker.Component("amqp://guest:secret@127.0.0.1:1/", metadata), new RecordingApp("[]").Configure));
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.Contains("component pubsub (pubsub.rabbitmq)", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_is_put_together_from_its_parts()
    {
        Uri Address(params (string Name, string Value)[] metadata) => RabbitMqOptions.Read(
            new ComponentSpec("pubsub", "pubsub.rabbitmq", "v1", metadata.ToDictionary(item => item.Name, item => item.Value, StringComparer.OrdinalIgnoreCase), [], "a.yaml")).Address;
        Assert.Equal("amqp://localhost", Address().OriginalString);
        Assert.Equal("amqps://me:a%2Fb@broker:5673", Address(("protocol", "amqps"), ("hostname", "broker:5673"), ("username", "me"), ("password", "a/b")).OriginalString);
        Assert.Equal("amqp://old", Address(("host", "amqp://old")).OriginalString);
    }
}
