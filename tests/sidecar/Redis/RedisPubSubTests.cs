using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.Redis;

public sealed class RedisPubSubTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    // Tests of this class share the server: each has a topic of its own.
    private readonly string topic = $"t{Guid.NewGuid():N}";

    public ValueTask InitializeAsync() => redis.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_message_lies_in_daprds_stream_with_data_and_metadata()
    {
        await using var sidecar = await StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.SendAsync("POST", $"/v1.0/publish/pubsub/{topic}?metadata.k=v", """{"a":1}""")).Status);
        var entry = Assert.Single(await redis.Bare.StreamRangeAsync(topic));
        Assert.Equal(["data", "metadata"], entry.Values.Select(field => (string?)field.Name));
        var envelope = JsonDocument.Parse((string)entry["data"]!).RootElement;
        Assert.Equal("""{"a":1}""", envelope.GetProperty("data").GetRawText());
        Assert.Equal(topic, envelope.GetProperty("topic").GetString());
        Assert.Equal("""{"k":"v"}""", (string?)entry["metadata"]);
    }

    [Fact]
    public async Task What_daprd_wrote_is_delivered_with_its_bytes_and_metadata_and_acknowledged()
    {
        byte[] bytes = [0, 255, 10];
        await redis.Bare.StreamAddAsync(topic, "data", bytes);
        await redis.Bare.StreamAddAsync(topic, [new("data", "two"), new("metadata", """{"k":"ق"}""")]);
        await using var sidecar = await StartAsync();
        var seen = new Recorder();
        await using var subscription = await SubscribeAsync(sidecar, seen);
        await Poll.UntilAsync(() => seen.Messages.Count == 2);
        Assert.Contains(seen.Messages, message => message.Data.Span.SequenceEqual(bytes));
        Assert.Contains(seen.Messages, message => message.Metadata.GetValueOrDefault("k") == "ق");
        await Poll.UntilAsync(async () => (await redis.Bare.StreamPendingAsync(topic, "app")).PendingMessageCount == 0);
        var group = Assert.Single(await redis.Bare.StreamGroupInfoAsync(topic));
        Assert.Equal("app", group.Name);
        Assert.Equal("app", Assert.Single(await redis.Bare.StreamConsumerInfoAsync(topic, "app")).Name);
        Assert.Equal(2, await redis.Bare.StreamLengthAsync(topic));
    }

    [Fact]
    public async Task Consumers_get_all_messages_each_and_subscriptions_of_one_consumer_share_them()
    {
        await using var sidecar = await StartAsync();
        var (one, two, other) = (new Recorder(), new Recorder(), new Recorder());
        await using var first = await SubscribeAsync(sidecar, one);
        await using var second = await SubscribeAsync(sidecar, two);
        await using var third = await SubscribeAsync(sidecar, other, "other");
        await PublishAsync(sidecar, 50);
        await Poll.UntilAsync(() => one.Messages.Count + two.Messages.Count == 50 && other.Messages.Count == 50);
        Assert.Equal(50, one.Texts.Concat(two.Texts).Distinct().Count());
    }

    [Fact]
    public async Task A_failed_message_is_acknowledged_and_not_delivered_again()
    {
        await using var sidecar = await StartAsync();
        var seen = new Recorder { Answer = text => text == "0" ? HandlerOutcome.Retry : HandlerOutcome.Ack };
        await using var subscription = await SubscribeAsync(sidecar, seen);
        await PublishAsync(sidecar, 20);
        await Poll.UntilAsync(async () => seen.Messages.Count >= 20 && (await redis.Bare.StreamPendingAsync(topic, "app")).PendingMessageCount == 0);
        Assert.Equal(20, seen.Texts.Distinct().Count());
        Assert.Equal(20, seen.Messages.Count);
    }

    [Fact]
    public async Task What_must_be_kept_and_what_takes_longer_than_processingTimeout_comes_again()
    {
        await using var sidecar = await StartAsync(("processingTimeout", "150"), ("redeliverInterval", "50"));
        var seen = new Recorder
        {
            Answer = text => text == "0" ? HandlerOutcome.Keep : HandlerOutcome.Retry,
            Delay = text => text == "1" ? TimeSpan.FromMilliseconds(200) : TimeSpan.Zero,
        };
        await using var subscription = await SubscribeAsync(sidecar, seen);
        await PublishAsync(sidecar, 3);
        await Poll.UntilAsync(() => seen.Texts.Count(text => text == "0") > 1 && seen.Texts.Count(text => text == "1") > 1);
        Assert.Single(seen.Texts, text => text == "2");
    }

    [Fact]
    public async Task A_message_in_hand_is_not_taken_for_a_forgotten_one()
    {
        await using var sidecar = await StartAsync(("processingTimeout", "150"), ("redeliverInterval", "40"));
        var (one, two) = (new Recorder { Gate = new(0) }, new Recorder { Gate = new(0) });
        await using var first = await SubscribeAsync(sidecar, one);
        await PublishAsync(sidecar, 1);
        await Poll.UntilAsync(() => one.Messages.Count == 1);
        // Another subscription of the same consumer looks for forgotten ones too.
        await using var second = await SubscribeAsync(sidecar, two);
        var (touched, last) = (0, 0L);
        await Poll.UntilAsync(async () =>
        {
            var idle = (await redis.Bare.StreamPendingMessagesAsync(topic, "app", 1, RedisValue.Null))[0].IdleTimeInMilliseconds;
            touched += idle < last ? 1 : 0;
            last = idle;
            return touched == 5;
        });
        Assert.Empty(two.Messages);
        one.Gate.Release();
        await Poll.UntilAsync(async () => (await redis.Bare.StreamPendingAsync(topic, "app")).PendingMessageCount == 0);
        Assert.Single(one.Messages);
    }

    [Fact]
    public async Task Messages_of_a_consumer_that_died_are_claimed()
    {
        await redis.Bare.StreamCreateConsumerGroupAsync(topic, "app", "0");
        for (var n = 0; n < 250; n++)
            await redis.Bare.StreamAddAsync(topic, "data", $"{n}");
        Assert.Equal(250, (await redis.Bare.StreamReadGroupAsync(topic, "app", "app", ">")).Length);
        await using var sidecar = await StartAsync(("processingTimeout", "100"), ("redeliverInterval", "50"));
        var seen = new Recorder();
        await using var subscription = await SubscribeAsync(sidecar, seen);
        await Poll.UntilAsync(async () => (await redis.Bare.StreamPendingAsync(topic, "app")).PendingMessageCount == 0);
        Assert.Equal(250, seen.Texts.Distinct().Count());
    }

    [Fact]
    public async Task Where_nobody_reads_in_the_consumers_name_any_more_its_messages_are_taken_over_at_once()
    {
        await redis.Bare.StreamCreateConsumerGroupAsync(topic, "app", "0");
        await redis.Bare.StreamAddAsync(topic, "data", "left behind");
        await redis.Bare.StreamReadGroupAsync(topic, "app", "app", ">");
        // processingTimeout is a minute.
        await using var sidecar = await StartAsync(("readTimeout", "100ms"));
        var seen = new Recorder();
        var watch = Stopwatch.StartNew();
        await using var subscription = await SubscribeAsync(sidecar, seen);
        await Poll.UntilAsync(() => seen.Messages.Count == 1);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
    }

    [Fact]
    public async Task Where_another_process_reads_its_messages_are_left_to_it()
    {
        await redis.Bare.StreamCreateConsumerGroupAsync(topic, "app", "0");
        await redis.Bare.StreamAddAsync(topic, "data", "in other hands");
        await redis.Bare.StreamReadGroupAsync(topic, "app", "app", ">");
        await using var sidecar = await StartAsync(("readTimeout", "100ms"));
        var seen = new Recorder();
        var subscribing = SubscribeAsync(sidecar, seen);
        using var stop = new CancellationTokenSource();
        var other = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await redis.Bare.StreamReadGroupAsync(topic, "app", "app", ">", count: 1);
                await Task.Delay(50, CancellationToken.None);
            }
        }, TestContext.Current.CancellationToken);
        await using var subscription = await subscribing;
        await Poll.UntilAsync(async () =>
        {
            // The other one takes some of the new ones; once one arrives here, this one reads too.
            await PublishAsync(sidecar, 1);
            return seen.Texts.Contains("0");
        });
        await stop.CancelAsync();
        await other;
        Assert.DoesNotContain("in other hands", seen.Texts);
    }

    [Fact]
    public async Task A_pending_message_that_was_cut_off_the_stream_is_forgotten()
    {
        await redis.Bare.StreamCreateConsumerGroupAsync(topic, "app", "0");
        var id = await redis.Bare.StreamAddAsync(topic, "data", "gone");
        await redis.Bare.StreamReadGroupAsync(topic, "app", "app", ">");
        await redis.Bare.StreamDeleteAsync(topic, [id]);
        await using var sidecar = await StartAsync(("processingTimeout", "50"), ("redeliverInterval", "50"));
        var seen = new Recorder();
        await using var subscription = await SubscribeAsync(sidecar, seen);
        await Poll.UntilAsync(async () => (await redis.Bare.StreamPendingAsync(topic, "app")).PendingMessageCount == 0);
        Assert.Empty(seen.Messages);
    }

    [Fact]
    public async Task A_group_that_vanished_is_made_again()
    {
        await using var sidecar = await StartAsync();
        var seen = new Recorder();
        await using var subscription = await SubscribeAsync(sidecar, seen);
        await Poll.UntilAsync(async () => await redis.Bare.KeyExistsAsync(topic) && (await redis.Bare.StreamGroupInfoAsync(topic)).Length == 1);
        await redis.Bare.KeyDeleteAsync(topic);
        await PublishAsync(sidecar, 5);
        await Poll.UntilAsync(() => seen.Texts.Distinct().Count() == 5);
    }

    [Fact]
    public async Task A_stopped_subscription_ends_at_once_and_gives_back_what_it_had()
    {
        await using var sidecar = await StartAsync();
        var seen = new Recorder { Gate = new(0) };
        var subscription = await SubscribeAsync(sidecar, seen);
        await PublishAsync(sidecar, 40);
        await Poll.UntilAsync(() => seen.Messages.Count == 10);
        var watch = Stopwatch.StartNew();
        await subscription.DisposeAsync();
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);
        // processingTimeout is a minute: they are there only because they were given back.
        var again = new Recorder();
        await using var next = await SubscribeAsync(sidecar, again);
        await Poll.UntilAsync(() => again.Texts.Distinct().Count() == 40);
    }

    [Fact]
    public async Task A_waiting_subscription_is_woken_to_stop()
    {
        await using var sidecar = await StartAsync(("readTimeout", "30s"));
        var subscription = await SubscribeAsync(sidecar, new Recorder());
        await Poll.UntilAsync(async () => await redis.Bare.KeyExistsAsync(topic));
        var watch = Stopwatch.StartNew();
        await subscription.DisposeAsync();
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
    }

    [Theory]
    [InlineData("maxLenApprox", "100")]
    [InlineData("streamTTL", "1ms")]
    public async Task A_stream_is_cut_as_the_metadata_say(string name, string value)
    {
        await using var sidecar = await StartAsync((name, value));
        var published = 0;
        await Poll.UntilAsync(async () =>
        {
            await PublishAsync(sidecar, 100);
            published += 100;
            return await redis.Bare.StreamLengthAsync(topic) <= published - 300;
        });
    }

    [Fact]
    public async Task No_more_messages_are_handled_at_once_than_concurrency_says_and_bulk_subscriptions_get_what_they_want()
    {
        await using var sidecar = await StartAsync(("concurrency", "3"));
        var (few, many) = (new Recorder { Gate = new(0) }, new Recorder { Gate = new(0) });
        await using var subscription = await SubscribeAsync(sidecar, few);
        await using var bulk = await sidecar.Find<IPubSub>("pubsub").SubscribeAsync(new TopicConsumer(topic, "bulk", PubSubMessage.NoMetadata, Parallelism: 150), many.HandleAsync, default);
        await PublishAsync(sidecar, 200);
        await Poll.UntilAsync(() => many.Messages.Count == 150 && few.Messages.Count >= 3);
        Assert.Equal(3, few.Messages.Count);
        few.Gate.Release(1000);
        many.Gate.Release(1000);
        await Poll.UntilAsync(() => few.Messages.Count == 200 && many.Messages.Count == 200);
    }

    [Theory]
    [InlineData("queueDepth", "0")]
    [InlineData("concurrency", "none")]
    [InlineData("processingTimeout", "soon")]
    [InlineData("streamTTL", "soon")]
    public async Task Metadata_that_cannot_be_used_is_refused_by_name(string name, string value)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync((name, value)));
        Assert.Contains($"component pubsub (pubsub.redis)", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{name} {value}", failure.Message, StringComparison.Ordinal);
    }

    private Task<SidecarUnderTest> StartAsync(params (string Name, string Value)[] more) =>
        SidecarUnderTest.StartAsync(SidecarUnderTest.Component("pubsub", "pubsub.redis", [("redisHost", redis.Server.Address), .. more]));

    private Task<ITopicSubscription> SubscribeAsync(SidecarUnderTest sidecar, Recorder recorder, string consumer = "app") =>
        sidecar.Find<IPubSub>("pubsub").SubscribeAsync(new TopicConsumer(topic, consumer, PubSubMessage.NoMetadata), recorder.HandleAsync, default);

    private Task PublishAsync(SidecarUnderTest sidecar, int count) => sidecar.Find<IPubSub>("pubsub").PublishAsync(
        topic, [.. Enumerable.Range(0, count).Select(n => new PubSubMessage(Encoding.UTF8.GetBytes($"{n}"), null, PubSubMessage.NoMetadata))], default);
}

/// <summary>A handler that remembers what it got and answers as it is told.</summary>
internal sealed class Recorder
{
    public ConcurrentQueue<PubSubMessage> Messages { get; } = new();

    public IEnumerable<string> Texts => Messages.Select(message => Encoding.UTF8.GetString(message.Data.Span));

    public Func<string, HandlerOutcome> Answer { get; init; } = _ => HandlerOutcome.Ack;

    public Func<string, TimeSpan> Delay { get; init; } = _ => TimeSpan.Zero;

    /// <summary>Each message waits for a release.</summary>
    public SemaphoreSlim? Gate { get; init; }

    public async Task<HandlerOutcome> HandleAsync(Delivery delivery)
    {
        Messages.Enqueue(delivery.Message);
        var text = Encoding.UTF8.GetString(delivery.Message.Data.Span);
        try
        {
            if (Gate is not null)
                await Gate.WaitAsync(delivery.Abort);
            await Task.Delay(Delay(text), delivery.Abort);
        }
        catch (OperationCanceledException)
        {
            return HandlerOutcome.PutBack;
        }
        return Answer(text);
    }
}
