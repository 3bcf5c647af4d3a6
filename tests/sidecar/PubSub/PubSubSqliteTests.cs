using System.Collections.Concurrent;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.PubSub;

public sealed class PubSubSqliteTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pubsub-").FullName;

    private string File => Path.Combine(folder, "pubsub.db");

    [Fact]
    public async Task Every_consumer_gets_every_message_with_its_bytes_and_metadata()
    {
        await using var bus = Open();
        var (one, two) = (new Recorder(), new Recorder());
        await bus.SubscribeAsync(Consumer("t", "one"), one.HandleAsync, default);
        await bus.SubscribeAsync(Consumer("t", "two"), two.HandleAsync, default);
        await bus.PublishAsync("t", [new PubSubMessage(new byte[] { 0, 255 }, null, new Dictionary<string, string> { ["k"] = "ق" })], default);
        await bus.PublishAsync("other", [Message("not for them")], default);
        foreach (var recorder in new[] { one, two })
        {
            await Until(() => recorder.Messages.Count == 1);
            var message = recorder.Messages.Single();
            Assert.Equal([0, 255], message.Data.ToArray());
            Assert.Equal("ق", message.Metadata["k"]);
        }
    }

    [Fact]
    public async Task Subscriptions_of_one_consumer_share_its_messages()
    {
        await using var bus = Open();
        var (one, two) = (new Recorder { Gate = new(0) }, new Recorder { Gate = new(0) });
        await bus.SubscribeAsync(Consumer("t", "app"), one.HandleAsync, default);
        await bus.SubscribeAsync(Consumer("t", "app"), two.HandleAsync, default);
        await bus.PublishAsync("t", [.. Enumerable.Range(0, 10).Select(n => Message($"{n}"))], default);
        await Until(() => one.Messages.Count + two.Messages.Count == 10);
        Assert.NotEmpty(one.Messages);
        Assert.NotEmpty(two.Messages);
        Assert.Equal(10, one.Texts.Concat(two.Texts).Distinct().Count());
        one.Gate.Release(10);
        two.Gate.Release(10);
    }

    [Fact]
    public async Task A_known_consumer_gets_what_was_published_while_it_was_away()
    {
        await using (var bus = Open())
        {
            var subscription = await bus.SubscribeAsync(Consumer("t", "app"), new Recorder().HandleAsync, default);
            await subscription.DisposeAsync();
            await bus.PublishAsync("t", [Message("away")], default);
        }
        await using (var bus = Open())
        {
            await bus.PublishAsync("t", [Message("still away")], default);
            var recorder = new Recorder();
            await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
            await Until(() => recorder.Messages.Count == 2);
            Assert.Equal(["away", "still away"], recorder.Texts.Order());
        }
    }

    [Fact]
    public async Task The_first_consumer_of_a_topic_gets_what_was_kept_and_the_second_what_comes_after_it()
    {
        await using var bus = Open();
        await bus.PublishAsync("t", [Message("early")], default);
        var (first, second) = (new Recorder(), new Recorder());
        await bus.SubscribeAsync(Consumer("t", "first"), first.HandleAsync, default);
        await Until(() => first.Messages.Count == 1);
        await bus.SubscribeAsync(Consumer("t", "second"), second.HandleAsync, default);
        await bus.PublishAsync("t", [Message("late")], default);
        await Until(() => first.Messages.Count == 2 && second.Messages.Count == 1);
        Assert.Equal(["late"], second.Texts);
    }

    [Fact]
    public async Task Without_retention_a_topic_without_consumers_keeps_nothing()
    {
        await using var bus = Open(options => options with { Retention = TimeSpan.Zero });
        await bus.PublishAsync("t", [Message("nobody")], default);
        Assert.Equal(0, Count("messages"));
    }

    [Fact]
    public async Task A_failed_message_comes_back_and_an_acknowledged_one_is_removed()
    {
        await using var bus = Open();
        var recorder = new Recorder { Outcome = attempt => attempt < 3 ? HandlerOutcome.Retry : HandlerOutcome.Ack };
        await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
        await bus.PublishAsync("t", [Message("x")], default);
        await Until(() => recorder.Messages.Count == 3 && Count("messages") == 0 && Count("deliveries") == 0);
    }

    [Fact]
    public async Task A_handler_that_throws_has_failed()
    {
        await using var bus = Open();
        var recorder = new Recorder { Outcome = attempt => attempt == 1 ? throw new InvalidOperationException("broken") : HandlerOutcome.Ack };
        await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
        await bus.PublishAsync("t", [Message("x")], default);
        await Until(() => recorder.Messages.Count == 2 && Count("messages") == 0);
    }

    [Fact]
    public async Task Poison_messages_hold_up_nobody_and_stay()
    {
        await using var bus = Open(options => options with { Concurrency = 2 });
        var recorder = new Recorder { Decide = text => text.StartsWith("poison", StringComparison.Ordinal) ? HandlerOutcome.Retry : HandlerOutcome.Ack };
        await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
        await bus.PublishAsync("t", [.. Enumerable.Range(0, 5).Select(n => Message($"poison {n}"))], default);
        await bus.PublishAsync("t", [.. Enumerable.Range(0, 20).Select(n => Message($"good {n}"))], default);
        await Until(() => recorder.Texts.Where(text => text.StartsWith("good", StringComparison.Ordinal)).Distinct().Count() == 20);
        await Until(() => Count("messages") == 5);
    }

    [Fact]
    public async Task No_more_than_the_concurrency_is_in_hand_at_once()
    {
        await using var bus = Open(options => options with { Concurrency = 3 });
        var recorder = new Recorder { Gate = new(0) };
        await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
        await bus.PublishAsync("t", [.. Enumerable.Range(0, 30).Select(n => Message($"{n}"))], default);
        await Until(() => recorder.Messages.Count == 3);
        recorder.Gate.Release(30);
        await Until(() => recorder.Messages.Count == 30 && Count("messages") == 0);
        Assert.Equal(3, recorder.MostAtOnce);
    }

    [Fact]
    public async Task With_a_concurrency_of_one_the_order_is_that_of_publication()
    {
        await using var bus = Open(options => options with { Concurrency = 1 });
        var recorder = new Recorder();
        await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
        foreach (var n in Enumerable.Range(0, 50))
        {
            await bus.PublishAsync("t", [Message($"{n}")], default);
        }
        await Until(() => recorder.Messages.Count == 50);
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}"), recorder.Texts);
    }

    [Fact]
    public async Task What_is_put_back_comes_again_and_is_not_counted()
    {
        await using var bus = Open();
        var recorder = new Recorder { Outcome = attempt => attempt == 1 ? HandlerOutcome.PutBack : HandlerOutcome.Ack, Gate = new(2) };
        await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
        await bus.PublishAsync("t", [Message("x")], default);
        await Until(() => recorder.Messages.Count == 2 && Count("messages") == 0);
    }

    [Fact]
    public async Task Stopping_breaks_off_after_the_grace_and_gives_the_message_to_the_next_one()
    {
        await using var bus = Open();
        var stuck = new Recorder { Gate = new(0) };
        var subscription = await bus.SubscribeAsync(Consumer("t", "app"), stuck.HandleAsync, default);
        await bus.PublishAsync("t", [Message("x")], default);
        await Until(() => stuck.Messages.Count == 1);
        await subscription.DisposeAsync();
        var next = new Recorder();
        await bus.SubscribeAsync(Consumer("t", "app"), next.HandleAsync, default);
        await Until(() => next.Messages.Count == 1);
    }

    [Fact]
    public async Task Two_instances_on_one_file_see_each_others_messages_and_share_a_consumer()
    {
        await using var one = Open();
        await using var two = Open();
        var (first, second) = (new Recorder { Gate = new(0) }, new Recorder { Gate = new(0) });
        await one.SubscribeAsync(Consumer("t", "app"), first.HandleAsync, default);
        await two.SubscribeAsync(Consumer("t", "app"), second.HandleAsync, default);
        await one.PublishAsync("t", [.. Enumerable.Range(0, 20).Select(n => Message($"{n}"))], default);
        await Until(() => first.Messages.Count == 10 && second.Messages.Count == 10);
        first.Gate.Release(20);
        second.Gate.Release(20);
        await Until(() => Count("messages") == 0);
        Assert.Equal(20, first.Texts.Concat(second.Texts).Distinct().Count());
    }

    [Fact]
    public async Task Concurrent_publishers_are_all_stored()
    {
        await using var bus = Open();
        var recorder = new Recorder();
        await bus.SubscribeAsync(Consumer("t", "app"), recorder.HandleAsync, default);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(n => Task.Run(() => bus.PublishAsync("t", [Message($"{n}")], default))));
        await Until(() => recorder.Texts.Distinct().Count() == 500 && Count("messages") == 0);
        Assert.Equal(500, recorder.Messages.Count);
    }

    [Fact]
    public async Task A_closed_component_refuses_messages()
    {
        var bus = Open();
        await bus.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => bus.PublishAsync("t", [Message("x")], default));
        Assert.Equal(["pubsub.db"], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await Open().DisposeAsync();
        Execute("PRAGMA user_version = 99");
        Assert.Contains("newer version", Assert.Throws<InvalidOperationException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_that_has_been_away_too_long_is_forgotten_with_what_it_was_owed()
    {
        await using (var bus = Open())
        {
            await (await bus.SubscribeAsync(Consumer("t", "gone"), new Recorder().HandleAsync, default)).DisposeAsync();
            await bus.PublishAsync("t", [Message("x")], default);
        }
        Execute("UPDATE consumers SET seen = 0; UPDATE messages SET published = 0");
        await using (Open())
        {
            await Until(() => Count("consumers") == 0 && Count("deliveries") == 0 && Count("messages") == 0);
        }
    }

    [Fact]
    public void Wrong_metadata_is_named()
    {
        PubSubSqliteOptions Read(string key, string value) => PubSubSqliteOptions.Read(
            new ComponentSpec("bus", "pubsub.sqlite", "v1", new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["connectionString"] = "x.db", [key] = value }, [], "f.yaml:1"), folder);
        Assert.Contains("concurrency must be", Assert.Throws<ComponentException>(() => Read("concurrency", "many")).Message, StringComparison.Ordinal);
        Assert.Contains("redeliverInterval", Assert.Throws<ComponentException>(() => Read("redeliverInterval", "soon")).Message, StringComparison.Ordinal);
        Assert.Contains("processingTimeout", Assert.Throws<ComponentException>(() => Read("processingTimeout", "0")).Message, StringComparison.Ordinal);
        Assert.Contains("connectionString is missing", Assert.Throws<ComponentException>(() => Read("ConnectionString", "")).Message, StringComparison.Ordinal);
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.Zero), (Read("processingTimeout", "7").ProcessingTimeout, Read("retention", "0").Retention));
        Assert.Equal(Path.Combine(folder, "x.db"), Read("concurrency", "5").DataSource);
    }

    [Fact]
    public void The_wait_for_a_redelivery_doubles_up_to_its_limit()
    {
        var options = new PubSubSqliteOptions { Name = "bus", ConnectionString = "", RedeliverInterval = TimeSpan.FromSeconds(2), MaxRedeliverInterval = TimeSpan.FromSeconds(15) };
        Assert.Equal([2, 4, 8, 15, 15, 15], new[] { 0, 1, 2, 3, 4, 4000 }.Select(attempts => options.Backoff(attempts).TotalSeconds));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private PubSubSqlite Open(Func<PubSubSqliteOptions, PubSubSqliteOptions>? with = null)
    {
        var options = new PubSubSqliteOptions
        {
            Name = "bus", ConnectionString = $"Data Source={File}", RedeliverInterval = TimeSpan.FromMilliseconds(5), MaxRedeliverInterval = TimeSpan.FromMilliseconds(50),
            PollInterval = TimeSpan.FromMilliseconds(50),
        };
        return new PubSubSqlite(with?.Invoke(options) ?? options, TimeProvider.System, NullLogger.Instance);
    }

    private static TopicConsumer Consumer(string topic, string id) => new(topic, id, PubSubMessage.NoMetadata);

    private static PubSubMessage Message(string text) => new(Encoding.UTF8.GetBytes(text), null, PubSubMessage.NoMetadata);

    private long Count(string table)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a constant of this test
        command.CommandText = $"SELECT count(*) FROM {table}";
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a constant of this test
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static Task Until(Func<bool> done) => Poll.UntilAsync(done);

    private sealed class Recorder
    {
        private int running;

        public ConcurrentQueue<PubSubMessage> Messages { get; } = new();

        public IEnumerable<string> Texts => Messages.Select(message => Encoding.UTF8.GetString(message.Data.Span));

        public SemaphoreSlim? Gate { get; init; }

        public Func<int, HandlerOutcome>? Outcome { get; init; }

        public Func<string, HandlerOutcome>? Decide { get; init; }

        public int MostAtOnce { get; private set; }

        public async Task<HandlerOutcome> HandleAsync(Delivery delivery)
        {
            var now = Interlocked.Increment(ref running);
            lock (Messages)
            {
                MostAtOnce = Math.Max(MostAtOnce, now);
                Messages.Enqueue(delivery.Message);
            }
            try
            {
                var attempt = Messages.Count;
                if (Gate is not null)
                {
                    await Gate.WaitAsync(delivery.Abort);
                }
                return Decide?.Invoke(Encoding.UTF8.GetString(delivery.Message.Data.Span)) ?? Outcome?.Invoke(attempt) ?? HandlerOutcome.Ack;
            }
            catch (OperationCanceledException)
            {
                return HandlerOutcome.PutBack;
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }
    }
}
