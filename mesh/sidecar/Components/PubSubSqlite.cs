using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// pubsub.sqlite: the embedded host's own durable bus. A publish returns when its messages are on disk; every consumer (topic and consumer id) is known for good
/// from its first subscription on and gets each later message at least once, whatever is killed in between. Failed messages come back with a growing
/// delay and block nobody. Several host processes may share one file.
/// </summary>
/// <remarks>
/// One thread owns the connection and works in batches: all that waits is one transaction (group commit), which also claims the next messages for idle handlers,
/// so that a message goes from publisher to handler with one commit and no polling. Other processes' messages are seen by a cheap check every pollInterval.
/// </remarks>
internal sealed class PubSubSqlite : IPubSub, IAsyncDisposable
{
    public static readonly ComponentType Type = new("pubsub.sqlite", [.. PubSubSqliteOptions.Keys, .. TopicScopeKeys.All], (spec, services, _) => Task.FromResult<object>(
        new PubSubSqlite(PubSubSqliteOptions.Read(spec, services.GetRequiredService<SidecarOptions>().WorkingDirectory), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<PubSubSqlite>>())));

    private const int MaxBatch = 500;
    private static readonly TimeSpan PutBackDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CleanUpInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OwnerCheckInterval = TimeSpan.FromSeconds(5);

    private readonly PubSubSqliteOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly PubSubSqliteStore store;
    private readonly BlockingCollection<Work> queue = [];
    private readonly Dictionary<long, Group> groups = [];
    private readonly Thread writer;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset nextCleanUp;
    private DateTimeOffset nextOwnerCheck;

    public PubSubSqlite(PubSubSqliteOptions options, TimeProvider time, ILogger log)
    {
        (this.options, this.time, this.log) = (options, time, log);
        store = new PubSubSqliteStore(options);
        nextCleanUp = nextOwnerCheck = time.GetUtcNow();
        writer = new Thread(Run) { IsBackground = true, Name = $"pubsub.sqlite {options.Name}" };
        writer.Start();
    }

    public IReadOnlyList<string> Features { get; } = ["BULK_PUBSUB"];

    public TimeSpan? ProcessingTimeout => options.ProcessingTimeout;

    public Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        var work = new Publish(topic, messages, cancel);
        return Enqueue(work) ? work.Done.Task : Task.FromException(Closed());
    }

    public async Task<ITopicSubscription> SubscribeAsync(TopicConsumer consumer, MessageHandler handle, CancellationToken cancel)
    {
        var subscriber = new Subscriber(this, consumer, handle, Math.Max(options.Concurrency, consumer.Parallelism ?? 0));
        var work = new Join(subscriber);
        if (!Enqueue(work))
        {
            throw Closed();
        }
        await work.Done.Task;
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        queue.CompleteAdding();
        await ended.Task;
        queue.Dispose();
    }

    private ObjectDisposedException Closed() => new(options.Name, "the pub/sub component is closed");

    private bool Enqueue(Work work)
    {
        try
        {
            return queue.TryAdd(work);
        }
        catch (InvalidOperationException)
        {
            // Closed, or disposed, which is an InvalidOperationException too.
            return false;
        }
    }

    private void Run()
    {
        var held = new List<Work>();
        try
        {
            while (!queue.IsCompleted || held.Count > 0)
            {
                Wait(held);
                held = Round(held);
            }
        }
        catch (Exception e)
        {
            log.LogCritical(e, "{PubSub}: the component stopped working", options.Name);
            queue.CompleteAdding();
            foreach (var work in held.Concat(queue))
            {
                work.Done.TrySetException(e);
            }
        }
        finally
        {
            store.Dispose();
            ended.TrySetResult();
        }
    }

    /// <summary>Until there is work, something falls due or the sweep wants to look.</summary>
    private void Wait(List<Work> batch)
    {
        var now = time.GetUtcNow();
        if (batch.Count > 0)
        {
            // The file was busy or full a moment ago.
            Thread.Sleep(PutBackDelay);
            return;
        }
        var patience = options.PollInterval;
        foreach (var group in groups.Values.Where(group => group.Free > 0))
        {
            if (group.Wants(now))
            {
                return;
            }
            if (group.NextDue - now is { } due && due < patience)
            {
                patience = due;
            }
        }
        if (queue.TryTake(out var first, patience + TimeSpan.FromMilliseconds(1)))
        {
            batch.Add(first);
        }
    }

    /// <summary>One transaction. Returns what has to be done again.</summary>
    private List<Work> Round(List<Work> batch)
    {
        while (batch.Count < MaxBatch && queue.TryTake(out var work))
        {
            batch.Add(work);
        }
        var now = time.GetUtcNow();
        var claimed = new List<(Subscriber Subscriber, ClaimedMessage Message)>();
        try
        {
            Sweep(now);
            if (batch.Count == 0 && !groups.Values.Any(group => group.Wants(now)))
            {
                return [];
            }
            store.Begin(durable: batch.Any(work => work is Publish or Join));
            foreach (var work in batch)
            {
                Apply(work, now);
            }
            foreach (var group in groups.Values)
            {
                Claim(group, now, claimed);
            }
            store.Commit();
        }
        catch (SqliteException e)
        {
            log.LogError(e, "{PubSub}: {File} could not be written: {Problem}", options.Name, options.DataSource, e.Message);
            store.Rollback();
            return Fail(batch, e, claimed);
        }
        foreach (var work in batch)
        {
            Complete(work);
        }
        foreach (var (subscriber, message) in claimed)
        {
            subscriber.Start(message);
        }
        return [];
    }

    private void Apply(Work work, DateTimeOffset now)
    {
        switch (work)
        {
            case Publish publish when !publish.Cancel.IsCancellationRequested:
                foreach (var message in publish.Messages)
                {
                    store.Insert(publish.Topic, message, now);
                }
                publish.Stored = true;
                foreach (var group in groups.Values.Where(group => group.Topic == publish.Topic))
                {
                    group.MayHaveWork = true;
                }
                break;
            case Join { Subscriber: var subscriber }:
                subscriber.Consumer = store.Register(subscriber.Wanted.Topic, subscriber.Wanted.ConsumerId, now);
                if (!groups.TryGetValue(subscriber.Consumer, out var joined))
                {
                    groups[subscriber.Consumer] = joined = new Group(subscriber.Consumer, subscriber.Wanted.Topic);
                }
                joined.MayHaveWork = true;
                if (!joined.Subscribers.Contains(subscriber))
                {
                    joined.Subscribers.Add(subscriber);
                }
                break;
            case Leave { Subscriber: var subscriber } when groups.TryGetValue(subscriber.Consumer, out var left):
                left.Subscribers.Remove(subscriber);
                if (left.Subscribers.Count == 0)
                {
                    groups.Remove(subscriber.Consumer);
                }
                break;
            case Settle settle:
                Settled(settle, now);
                break;
        }
    }

    private void Settled(Settle settle, DateTimeOffset now)
    {
        settle.Subscriber.InFlight--;
        settle.Applied = true;
        var (consumer, message) = (settle.Subscriber.Consumer, settle.Message);
        if (settle.Outcome == HandlerOutcome.Ack)
        {
            store.Acknowledge(consumer, message.Sequence);
            return;
        }
        var failed = settle.Outcome is HandlerOutcome.Retry or HandlerOutcome.Keep;
        store.Release(consumer, message.Sequence, now + (failed ? options.Backoff(message.Attempts) : PutBackDelay), failed);
        if (groups.TryGetValue(consumer, out var group))
        {
            group.MayHaveWork = true;
        }
    }

    private void Claim(Group group, DateTimeOffset now, List<(Subscriber Subscriber, ClaimedMessage Message)> claimed)
    {
        var free = group.Free;
        if (!group.Wants(now) || free <= 0)
        {
            return;
        }
        var messages = store.Claim(group.Consumer, now, free);
        foreach (var message in messages)
        {
            var subscriber = group.Subscribers.MaxBy(candidate => candidate.Free)!;
            subscriber.InFlight++;
            claimed.Add((subscriber, message));
        }
        group.MayHaveWork = messages.Count == free;
        group.NextDue = store.NextDue(group.Consumer);
    }

    private List<Work> Fail(List<Work> batch, SqliteException problem, List<(Subscriber Subscriber, ClaimedMessage Message)> claimed)
    {
        foreach (var (subscriber, _) in claimed)
        {
            subscriber.InFlight--;
        }
        foreach (var group in groups.Values)
        {
            group.MayHaveWork = true;
        }
        foreach (var work in batch)
        {
            if (work is Settle { Applied: true } undone)
            {
                undone.Subscriber.InFlight++;
                undone.Applied = false;
            }
            if (work is Publish or Join)
            {
                if (work is Join { Subscriber: var subscriber } && groups.TryGetValue(subscriber.Consumer, out var group))
                {
                    group.Subscribers.Remove(subscriber);
                }
                work.Done.TrySetException(new IOException($"{options.DataSource}: {problem.Message}", problem));
            }
        }
        // What the app has decided must not be forgotten.
        return [.. batch.Where(work => work is not (Publish or Join))];
    }

    private static void Complete(Work work)
    {
        if (work is Publish { Stored: false } cancelled)
        {
            work.Done.TrySetCanceled(cancelled.Cancel);
            return;
        }
        work.Done.TrySetResult();
    }

    private void Sweep(DateTimeOffset now)
    {
        if (store.ChangedByOthers())
        {
            foreach (var group in groups.Values)
            {
                group.MayHaveWork = true;
            }
        }
        if (now >= nextOwnerCheck)
        {
            nextOwnerCheck = now + OwnerCheckInterval;
            if (store.ReleaseOfTheDead(now) is var released and > 0)
            {
                log.LogInformation("{PubSub}: {Count} messages were with a process that is gone; they are delivered again", options.Name, released);
                foreach (var group in groups.Values)
                {
                    group.MayHaveWork = true;
                }
            }
        }
        if (now >= nextCleanUp)
        {
            nextCleanUp = now + CleanUpInterval;
            foreach (var forgotten in store.CleanUp(now, groups.Keys))
            {
                log.LogWarning("{PubSub}: consumer {Consumer} has not subscribed for {Retention}; it is forgotten with its pending messages",
                    options.Name, forgotten, options.ConsumerRetention);
            }
        }
    }

    private abstract record Work
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record Publish(string Topic, IReadOnlyList<PubSubMessage> Messages, CancellationToken Cancel) : Work
    {
        public bool Stored { get; set; }
    }

    private sealed record Join(Subscriber Subscriber) : Work;

    private sealed record Leave(Subscriber Subscriber) : Work;

    private sealed record Settle(Subscriber Subscriber, ClaimedMessage Message, HandlerOutcome Outcome) : Work
    {
        public bool Applied { get; set; }
    }

    /// <summary>A consumer that has subscribers here. Only the writer's thread touches it.</summary>
    private sealed class Group(long consumer, string topic)
    {
        public long Consumer => consumer;

        public string Topic => topic;

        public List<Subscriber> Subscribers { get; } = [];

        public bool MayHaveWork { get; set; }

        public DateTimeOffset? NextDue { get; set; }

        public int Free => Subscribers.Sum(subscriber => subscriber.Free);

        public bool Wants(DateTimeOffset now) => (MayHaveWork || NextDue <= now) && Free > 0;
    }

    private sealed class Subscriber(PubSubSqlite owner, TopicConsumer wanted, MessageHandler handle, int concurrency) : ITopicSubscription
    {
        private readonly CancellationTokenSource stopping = new();
        private readonly CancellationTokenSource abort = new();
        private readonly Lock gate = new();
        private readonly HashSet<Task> running = [];
        private int stopped;

        public TopicConsumer Wanted => wanted;

        public long Consumer { get; set; }

        /// <summary>Only the writer's thread touches it.</summary>
        public int InFlight { get; set; }

        public int Free => Math.Max(0, concurrency - InFlight);

        public void Start(ClaimedMessage message)
        {
            lock (gate)
            {
                var task = Task.Run(() => HandleAsync(message));
                running.Add(task);
                _ = task.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        public async Task StopAsync(CancellationToken grace)
        {
            if (Interlocked.Exchange(ref stopped, 1) == 0)
            {
                var leave = new Leave(this);
                if (owner.Enqueue(leave))
                {
                    await leave.Done.Task;
                }
                await stopping.CancelAsync();
            }
            await using (grace.Register(abort.Cancel))
            {
                while (Snapshot() is { Length: > 0 } tasks)
                {
                    await Task.WhenAll(tasks);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync(new CancellationToken(canceled: true));
            stopping.Dispose();
            abort.Dispose();
        }

        private Task[] Snapshot()
        {
            lock (gate)
            {
                return [.. running.Where(task => !task.IsCompleted)];
            }
        }

        private void Ended(Task task)
        {
            lock (gate)
            {
                running.Remove(task);
            }
        }

        private async Task HandleAsync(ClaimedMessage message)
        {
            HandlerOutcome outcome;
            try
            {
                outcome = stopping.IsCancellationRequested
                    ? HandlerOutcome.PutBack : await handle(new Delivery(message.Message, stopping.Token, abort.Token));
            }
            catch (Exception e)
            {
                owner.log.LogError(e, "{PubSub}: handling message {Sequence} of topic {Topic} failed", owner.options.Name, message.Sequence, wanted.Topic);
                outcome = HandlerOutcome.Retry;
            }
            var settle = new Settle(this, message, outcome);
            if (owner.Enqueue(settle))
            {
                await settle.Done.Task;
            }
        }
    }
}

/// <summary>Metadata of a pubsub.sqlite component. Durations as Dapr writes them: 5s, 250ms, or a number of seconds.</summary>
internal sealed record PubSubSqliteOptions
{
    public static readonly IReadOnlyList<string> Keys =
    [
        "connectionString", "consumerID", "redeliverInterval", "maxRedeliverInterval", "processingTimeout", "concurrency", "retention", "consumerRetention", "pollInterval", "busyTimeout",
    ];

    public required string Name { get; init; }

    public required string ConnectionString { get; init; }

    /// <summary>The file; the name of the database for one in memory.</summary>
    public string DataSource => new SqliteConnectionStringBuilder(ConnectionString).DataSource;

    public bool InMemory => new SqliteConnectionStringBuilder(ConnectionString).Mode == SqliteOpenMode.Memory;

    /// <summary>Wait before a failed message comes back; it doubles with each failure.</summary>
    public TimeSpan RedeliverInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait.</summary>
    public TimeSpan MaxRedeliverInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>One call of the app that takes longer has failed.</summary>
    public TimeSpan ProcessingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Messages in the hands of one subscription at a time; 1 keeps the order of publication, but for those that failed.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>Messages of a topic that no consumer has ever subscribed to are kept so long for the first one; zero: dropped at once.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A consumer that has not subscribed for so long is forgotten with its pending messages; zero: never.</summary>
    public TimeSpan ConsumerRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often to look for messages of other processes that share the file.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long to wait for another process's transaction.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <param name="attempts">Failures before this one.</param>
    public TimeSpan Backoff(int attempts)
    {
        var wait = RedeliverInterval.Ticks * Math.Pow(2, Math.Min(attempts, 40));
        return wait < MaxRedeliverInterval.Ticks ? TimeSpan.FromTicks((long)wait) : MaxRedeliverInterval > RedeliverInterval ? MaxRedeliverInterval : RedeliverInterval;
    }

    /// <summary>Throws <see cref="ComponentException"/>.</summary>
    public static PubSubSqliteOptions Read(ComponentSpec spec, string workingDirectory)
    {
        var defaults = new PubSubSqliteOptions { Name = spec.Name, ConnectionString = "" };
        TimeSpan Duration(string key, TimeSpan otherwise, bool zero = false)
        {
            try
            {
                var value = ComponentDuration.Parse(spec.Metadata.GetValueOrDefault(key), otherwise);
                return value > TimeSpan.Zero || (zero && value == TimeSpan.Zero) ? value : throw new FormatException("it must be greater than zero");
            }
            catch (FormatException e)
            {
                throw new ComponentException(spec, $"{key}: {e.Message}");
            }
        }
        var busy = Duration("busyTimeout", defaults.BusyTimeout);
        var concurrency = spec.Metadata.GetValueOrDefault("concurrency") is { Length: > 0 } text
            ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1000
                ? number : throw new ComponentException(spec, $"concurrency must be a number from 1 to 1000, not {text}")
            : defaults.Concurrency;
        return defaults with
        {
            ConnectionString = SqliteFile.ConnectionString(spec.Metadata.GetValueOrDefault("connectionString") ?? "", workingDirectory, busy)
                ?? throw new ComponentException(spec, "connectionString is missing: the path of the database file"),
            RedeliverInterval = Duration("redeliverInterval", defaults.RedeliverInterval),
            MaxRedeliverInterval = Duration("maxRedeliverInterval", defaults.MaxRedeliverInterval),
            ProcessingTimeout = Duration("processingTimeout", defaults.ProcessingTimeout),
            Concurrency = concurrency,
            Retention = Duration("retention", defaults.Retention, zero: true),
            ConsumerRetention = Duration("consumerRetention", defaults.ConsumerRetention, zero: true),
            PollInterval = Duration("pollInterval", defaults.PollInterval),
            BusyTimeout = busy,
        };
    }
}
