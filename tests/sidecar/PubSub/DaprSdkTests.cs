using System.Collections.Concurrent;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.AspNetCore;
using Dapr.Client;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Service = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>The official client and ASP.NET Core packages on both sides of the sidecar.</summary>
public class DaprSdkTests
{
    private sealed record Letter(int Number, string Subject);

    [Theory]
    [InlineData(PubSubMesh.InMemory)]
    [InlineData(PubSubMesh.Sqlite)]
    public async Task An_event_of_the_client_reaches_a_topic_of_the_app_unwrapped(string resources)
    {
        var received = new ConcurrentQueue<Letter>();
        await using var mesh = await PubSubMesh.StartAsync(resources, app =>
        {
            app.UseCloudEvents();
            app.MapSubscribeHandler();
            app.MapPost("/letters", (Letter letter) => received.Enqueue(letter)).WithTopic("pubsub", "correspondence.letter-registered.v1");
        });
        using var client = Client(mesh);
        await client.PublishEventAsync("pubsub", "correspondence.letter-registered.v1", new Letter(7, "مراسلة"));
        await Poll.UntilAsync(() => !received.IsEmpty);
        Assert.Equal(new Letter(7, "مراسلة"), received.Single());
    }

    [Fact]
    public async Task An_event_that_the_client_made_keeps_its_attributes()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""");
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app.Configure);
        using var client = Client(mesh);
        await client.PublishEventAsync("pubsub", "t", new global::Dapr.CloudEvent<Letter>(new Letter(1, "s")) { Id = "id-1", Source = new Uri("urn:x"), Type = "letter.v1", Subject = "1" });
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        var json = app.Received.Single().Json;
        Assert.Equal(("id-1", "urn:x", "letter.v1", "1"), (json.GetProperty("id").GetString(), json.GetProperty("source").GetString(), json.GetProperty("type").GetString(), json.GetProperty("subject").GetString()));
    }

    [Fact]
    public async Task A_bulk_of_the_client_reaches_the_app_one_by_one()
    {
        var received = new ConcurrentQueue<Letter>();
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app =>
        {
            app.UseCloudEvents();
            app.MapSubscribeHandler();
            app.MapPost("/letters", (Letter letter) => received.Enqueue(letter)).WithTopic("pubsub", "t");
        });
        using var client = Client(mesh);
        var answer = await client.BulkPublishEventAsync("pubsub", "t", [.. Enumerable.Range(0, 25).Select(n => new Letter(n, "s"))]);
        Assert.Empty(answer.FailedEntries);
        await Poll.UntilAsync(() => received.Count == 25);
        Assert.Equal(Enumerable.Range(0, 25), received.Select(letter => letter.Number).Order());
    }

    [Fact]
    public async Task A_bulk_subscription_of_the_package_gets_many_in_one_call_and_again_what_it_asks_for()
    {
        var received = new ConcurrentQueue<int>();
        var calls = 0;
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app =>
        {
            app.MapSubscribeHandler();
            app.MapPost("/letters", (BulkSubscribeMessage<BulkMessageModel<Letter>> bulk) =>
            {
                Interlocked.Increment(ref calls);
                return new BulkSubscribeAppResponse([.. bulk.Entries.Select(entry =>
                {
                    var again = entry.Event.Data.Number == 3 && !received.Contains(3);
                    received.Enqueue(entry.Event.Data.Number);
                    return new BulkSubscribeAppResponseEntry(entry.EntryId, again ? BulkSubscribeAppResponseStatus.RETRY : BulkSubscribeAppResponseStatus.SUCCESS);
                })]);
            }).WithTopic("pubsub", "t").WithBulkSubscribe(new BulkSubscribeTopicOptions { TopicName = "t", MaxMessagesCount = 25, MaxAwaitDurationMs = 500 });
        });
        using var client = Client(mesh);
        await client.BulkPublishEventAsync("pubsub", "t", [.. Enumerable.Range(0, 25).Select(n => new Letter(n, "s"))]);
        await Poll.UntilAsync(() => received.Count == 26);
        Assert.Equal(Enumerable.Range(0, 25).Append(3).Order(), received.Order());
        Assert.True(calls < 26, $"{calls} calls for 26 entries");
    }

    [Fact]
    public async Task Bytes_of_the_client_reach_the_app_as_they_are_said_to_be()
    {
        var app = new RecordingApp("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""");
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, app.Configure);
        using var client = Client(mesh);
        await client.PublishByteEventAsync("pubsub", "t", new byte[] { 1, 2, 255 }, "application/octet-stream");
        await Poll.UntilAsync(() => !app.Received.IsEmpty);
        Assert.Equal([1, 2, 255], app.Received.Single().Json.GetProperty("data_base64").GetBytesFromBase64());
    }

    [Fact]
    public async Task Routes_raw_payload_and_dead_letter_topics_of_the_package_are_understood()
    {
        var paths = new ConcurrentQueue<string>();
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, app =>
        {
            app.MapSubscribeHandler();
            app.MapPost("/two", () => paths.Enqueue("/two")).WithTopic(new global::Dapr.TopicOptions { PubsubName = "pubsub", Name = "t", Match = "event.type == \"two\"", Priority = 1 });
            app.MapPost("/else", () => paths.Enqueue("/else")).WithTopic("pubsub", "t");
            app.MapPost("/fails", () => Results.StatusCode(500)).WithTopic(new global::Dapr.TopicOptions { PubsubName = "pubsub", Name = "fails", DeadLetterTopic = "dead" });
            app.MapPost("/dead", () => paths.Enqueue("/dead")).WithTopic("pubsub", "dead", enableRawPayload: true);
        });
        using var client = Client(mesh);
        await client.PublishEventAsync("pubsub", "t", new Letter(1, "s"), new Dictionary<string, string> { ["cloudevent.type"] = "two" });
        await client.PublishEventAsync("pubsub", "t", new Letter(2, "s"));
        await client.PublishEventAsync("pubsub", "fails", new Letter(3, "s"));
        await Poll.UntilAsync(() => paths.Count == 3);
        Assert.Equal(["/dead", "/else", "/two"], paths.Order());
    }

    [Theory]
    [InlineData("none", "t", StatusCode.InvalidArgument, "pubsub none is not found")]
    [InlineData("pubsub", "", StatusCode.InvalidArgument, "topic is empty in pubsub pubsub")]
    [InlineData("", "t", StatusCode.InvalidArgument, "pubsub name is empty")]
    public async Task What_cannot_be_published_has_daprs_status_and_message(string pubsub, string topic, StatusCode status, string message)
    {
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, new RecordingApp("[]").Configure);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.GrpcPort}");
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await new Service.DaprClient(channel).PublishEventAsync(new PublishEventRequest { PubsubName = pubsub, Topic = topic }));
        Assert.Equal((status, message), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_bulk_with_a_repeated_entry_id_is_refused_as_a_whole()
    {
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.InMemory, new RecordingApp("[]").Configure);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.GrpcPort}");
        var entry = new BulkPublishRequestEntry { EntryId = "1", ContentType = "text/plain", Event = ByteString.CopyFromUtf8("x") };
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await new Service.DaprClient(channel).BulkPublishEventAsync(new BulkPublishRequest { PubsubName = "pubsub", Topic = "t", Entries = { entry, entry.Clone() } }));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains("entryId is duplicated", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_gets_events_and_its_verdicts_count()
    {
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, new RecordingApp("[]").Configure);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.GrpcPort}");
        var (stream, answers) = await OpenAsync(channel, "t", "dead");
        var (deadStream, dead) = await OpenAsync(channel, "dead");
        using (stream)
        using (deadStream)
        {
            Assert.Equal(["dead", "t"], (await mesh.MetadataAsync()).GetProperty("subscriptions").EnumerateArray().Select(item => item.GetProperty("topic").GetString()).Order());
            using var client = Client(mesh);
            await client.PublishEventAsync("pubsub", "t", new Letter(1, "س"), new Dictionary<string, string> { ["cloudevent.id"] = "a" });
            var first = await NextAsync(answers);
            Assert.Equal(("a", "t", "pubsub", "/", "application/json", "{\"number\":1,\"subject\":\"س\"}"),
                (first.Id, first.Topic, first.PubsubName, first.Path, first.DataContentType, System.Text.RegularExpressions.Regex.Unescape(first.Data.ToStringUtf8())));
            Assert.Equal("pubsub", first.Extensions.Fields["pubsubname"].StringValue);
            await AnswerAsync(stream, "a", TopicEventResponse.Types.TopicEventResponseStatus.Drop);
            var dropped = await NextAsync(dead);
            Assert.Equal(("a", "dead"), (dropped.Id, dropped.Topic));
            await AnswerAsync(deadStream, "a", TopicEventResponse.Types.TopicEventResponseStatus.Retry);
            Assert.Equal("a", (await NextAsync(dead)).Id);
            await AnswerAsync(deadStream, "a", TopicEventResponse.Types.TopicEventResponseStatus.Success);
        }
    }

    [Fact]
    public async Task What_a_stream_has_not_answered_when_it_closes_goes_to_the_next_one()
    {
        await using var mesh = await PubSubMesh.StartAsync(PubSubMesh.Sqlite, new RecordingApp("[]").Configure);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.GrpcPort}");
        using var client = Client(mesh);
        var (first, answers) = await OpenAsync(channel, "t");
        await client.PublishEventAsync("pubsub", "t", new Letter(1, "s"), new Dictionary<string, string> { ["cloudevent.id"] = "a" });
        Assert.Equal("a", (await NextAsync(answers)).Id);
        first.Dispose();
        var (second, others) = await OpenAsync(channel, "t");
        using (second)
        {
            Assert.Equal("a", (await NextAsync(others)).Id);
            await AnswerAsync(second, "a", TopicEventResponse.Types.TopicEventResponseStatus.Success);
        }
    }

    [Theory]
    [InlineData("none", "t", StatusCode.InvalidArgument)]
    [InlineData("pubsub", "", StatusCode.InvalidArgument)]
    [InlineData("pubsub", "secret", StatusCode.PermissionDenied)]
    public async Task A_stream_that_cannot_be_had_is_refused(string pubsub, string topic, StatusCode status)
    {
        await using var mesh = await PubSubMesh.StartAsync(
            PubSubMesh.InMemory.Replace("version: v1 }", "version: v1, metadata: [ { name: protectedTopics, value: secret } ] }", StringComparison.Ordinal), new RecordingApp("[]").Configure);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.GrpcPort}");
        using var stream = new Service.DaprClient(channel).SubscribeTopicEventsAlpha1();
        await stream.RequestStream.WriteAsync(new() { InitialRequest = new() { PubsubName = pubsub, Topic = topic } });
        var failure = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(status, failure.StatusCode);
    }

    private static DaprClient Client(PubSubMesh mesh) =>
        new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{mesh.GrpcPort}").UseHttpEndpoint($"http://127.0.0.1:{mesh.HttpPort}").Build();

    private static async Task<(AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> Stream, IAsyncStreamReader<SubscribeTopicEventsResponseAlpha1> Answers)> OpenAsync(
        GrpcChannel channel, string topic, string? deadLetterTopic = null)
    {
        var stream = new Service.DaprClient(channel).SubscribeTopicEventsAlpha1();
        var initial = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = "pubsub", Topic = topic };
        if (deadLetterTopic is not null)
        {
            initial.DeadLetterTopic = deadLetterTopic;
        }
        await stream.RequestStream.WriteAsync(new() { InitialRequest = initial });
        Assert.True(await stream.ResponseStream.MoveNext(Limit()));
        Assert.NotNull(stream.ResponseStream.Current.InitialResponse);
        return (stream, stream.ResponseStream);
    }

    private static async Task<TopicEventRequest> NextAsync(IAsyncStreamReader<SubscribeTopicEventsResponseAlpha1> answers)
    {
        Assert.True(await answers.MoveNext(Limit()));
        return answers.Current.EventMessage;
    }

    private static Task AnswerAsync(
        AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> stream, string id, TopicEventResponse.Types.TopicEventResponseStatus status) =>
        stream.RequestStream.WriteAsync(new() { EventProcessed = new() { Id = id, Status = new TopicEventResponse { Status = status } } });

#pragma warning disable CA2000 // a token for one wait of a test
    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(90)).Token;
#pragma warning restore CA2000
}
