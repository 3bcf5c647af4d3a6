using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// One consumer group on one stream. A connection of its own waits for messages; the component's carries everything else. The group's entries are in
/// one of three places: not read yet, in the hands of this object, or left pending in Redis until someone claims them.
/// </summary>
internal sealed class RedisStreamSubscription : ITopicSubscription
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly RedisSettings settings;
    private readonly RedisStreamOptions options;
    private readonly RedisConnection redis;
    private readonly RedisConnection reader;
    private readonly string topic;
    private readonly string group;
    private readonly int depth;
    private readonly MessageHandler handle;
    private readonly SemaphoreSlim workers;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<string, Task> inHand = new();
    private readonly SemaphoreSlim settled = new(0);
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource abort = new();
    private readonly TaskCompletionSource takenOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task reading;
    private readonly Task reclaiming;
    private volatile Task<RedisResult>? connection;
    private int stopped;

    public RedisStreamSubscription(
        RedisSettings settings, RedisStreamOptions options, RedisConnection redis, TopicConsumer consumer, MessageHandler handle, SemaphoreSlim workers, ILogger log)
    {
        (this.settings, this.options, this.redis, this.handle, this.workers, this.log) = (settings, options, redis, handle, workers, log);
        (topic, group) = (consumer.Topic, consumer.ConsumerId);
        depth = Math.Max(options.QueueDepth, consumer.Parallelism ?? 0);
        reader = RedisConnection.OpenBlocking(settings, log);
        reading = Task.Run(ReadAsync);
        reclaiming = options.Redelivers ? Task.Run(ReclaimAsync) : Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken grace)
    {
        if (Interlocked.Exchange(ref stopped, 1) == 0)
        {
            await stopping.CancelAsync();
            await WakeReaderAsync();
            await reclaiming;
        }
        await using (grace.Register(abort.Cancel))
            await Task.WhenAll(inHand.Values);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await reader.DisposeAsync();
        stopping.Dispose();
        abort.Dispose();
        settled.Dispose();
    }

    /// <summary>Whoever reads a stream does so at least this often.</summary>
    private TimeSpan Heartbeat => settings.ReadTimeout + TimeSpan.FromSeconds(2);

    private async Task ReadAsync()
    {
        var groupIsThere = false;
        while (!stopping.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                if (!groupIsThere)
                    await CreateGroupAsync();
                groupIsThere = true;
                if (options.Redelivers && !takenOver.Task.IsCompleted)
                    await TakeOverAsync();
                takenOver.TrySetResult();
                await RoomAsync();
                started = Stopwatch.GetTimestamp();
                foreach (var (id, fields) in await NextAsync())
                    Start(id, fields);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (RedisServerException gone) when (gone.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
            {
                log.LogWarning("{PubSub}: the consumer group {Group} of stream {Topic} is gone and is made again", settings.Component, group, topic);
                groupIsThere = false;
            }
            catch (Exception failure)
            {
                // Whatever it was: without this loop the app would hear nothing any more.
                if (stopping.IsCancellationRequested)
                    return;
                log.LogWarning("{PubSub}: stream {Topic} cannot be read, trying on: {Problem}", settings.Component, topic, failure.Message);
                if (options.Redelivers && failure is RedisConnectionException or RedisTimeoutException)
                    _ = Task.Run(() => ClaimLostAsync(started));
                await Task.Delay(Pause, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// What an earlier process left when it was killed need not wait for processingTimeout: where nobody has read in this consumer's name for longer than any
    /// reader waits, nobody is there. As long as that is open, nothing is read, since that would count as a sign of life.
    /// </summary>
    private async Task TakeOverAsync()
    {
        var last = -1L;
        while ((await redis.ExecuteAsync(database => database.StreamPendingAsync(topic, group), repeatable: true, stopping.Token)).PendingMessageCount > 0)
        {
            var consumers = await redis.ExecuteAsync(database => database.StreamConsumerInfoAsync(topic, group), repeatable: true, stopping.Token);
            if (consumers.Length == 0)
                return;
            var silent = consumers.Min(consumer => consumer.IdleTimeInMilliseconds);
            var enough = (long)Math.Min(Heartbeat.TotalMilliseconds, options.ProcessingTimeout.TotalMilliseconds);
            if (silent >= enough)
            {
                await ReclaimPendingAsync(enough, _ => true);
                return;
            }
            if (silent < last)
                return;
            last = silent;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(enough - silent, 1, 500)), stopping.Token);
        }
    }

    /// <summary>The connection broke while it waited: what Redis gave out in those moments may have got lost on the way. <paramref name="since"/>: when the wait began.</summary>
    private async Task ClaimLostAsync(long since)
    {
        try
        {
            await Task.Delay(Heartbeat, stopping.Token);
            var longest = (long)Stopwatch.GetElapsedTime(since).TotalMilliseconds + 1000;
            await ReclaimPendingAsync(Math.Min((long)Heartbeat.TotalMilliseconds / 2, (long)options.ProcessingTimeout.TotalMilliseconds), entry => entry.IdleTimeInMilliseconds <= longest);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // They stay pending.
        }
        catch (Exception failure)
        {
            log.LogWarning("{PubSub}: what got lost of stream {Topic} when the connection broke comes again after processingTimeout: {Problem}", settings.Component, topic, failure.Message);
        }
    }

    private Task CreateGroupAsync() => redis.ExecuteAsync(async database =>
    {
        try
        {
            return await database.StreamCreateConsumerGroupAsync(topic, group, "0", createStream: true);
        }
        catch (RedisServerException there) when (there.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            return false;
        }
    }, repeatable: true, stopping.Token);

    /// <summary>Waits until what is in hand has gone down to the depth of the queue.</summary>
    private async Task RoomAsync()
    {
        while (inHand.Count > depth)
            await settled.WaitAsync(stopping.Token);
    }

    private async Task<IReadOnlyList<(string Id, RedisResult Fields)>> NextAsync()
    {
        var database = await reader.DatabaseAsync(stopping.Token);
        // In front of each wait, since the number changes with every new connection.
        connection = database.Multiplexer.GetServer((RedisKey)topic).ExecuteAsync("CLIENT", "ID");
        var milliseconds = (long)settings.ReadTimeout.TotalMilliseconds;
        // Not broken off when stopping: what Redis has given out must arrive here to be given back.
        var answer = await database.ExecuteAsync("XREADGROUP", "GROUP", group, group, "COUNT", depth, "BLOCK", milliseconds, "STREAMS", (RedisKey)topic, ">");
        if (answer.IsNull)
            return [];
        return [.. ((RedisResult[])((RedisResult[])answer!)[0][1]!).Select(entry => ((string)entry[0]!, entry[1]))];
    }

    private void Start(string id, RedisResult fields) => Start(id, () => Read(
        id, Enumerable.Range(0, fields.Length / 2).Select(at => KeyValuePair.Create((string?)fields[at * 2], (RedisValue)fields[(at * 2) + 1]))));

    private void Start(string id, Func<PubSubMessage> read)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (inHand.TryAdd(id, mine.Task))
            _ = Task.Run(() => WorkAsync(id, read, mine));
    }

    private PubSubMessage Read(string id, IEnumerable<KeyValuePair<string?, RedisValue>> fields)
    {
        var (data, metadata) = (ReadOnlyMemory<byte>.Empty, PubSubMessage.NoMetadata);
        foreach (var (name, value) in fields)
        {
            if (name == "data")
                data = value;
            else if (name == "metadata")
                metadata = Metadata(id, value);
        }
        return new PubSubMessage(data, null, metadata);
    }

    private IReadOnlyDictionary<string, string> Metadata(string id, RedisValue value)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>((byte[])value!) ?? PubSubMessage.NoMetadata;
        }
        catch (JsonException wrong)
        {
            log.LogWarning("{PubSub}: entry {Id} of stream {Topic} has metadata that are no JSON object of texts: {Problem}", settings.Component, id, topic, wrong.Message);
            return PubSubMessage.NoMetadata;
        }
    }

    private async Task WorkAsync(string id, Func<PubSubMessage> read, TaskCompletionSource done)
    {
        try
        {
            var outcome = await HandleAsync(read());
            if (outcome == HandlerOutcome.Ack)
                await AcknowledgeAsync(id);
            else if (outcome == HandlerOutcome.PutBack)
                await GiveBackAsync(id);
        }
        catch (Exception failure)
        {
            log.LogError(failure, "{PubSub}: what became of entry {Id} of stream {Topic} could not be told to redis, it will come again", settings.Component, id, topic);
        }
        finally
        {
            inHand.TryRemove(id, out _);
            settled.Release();
            done.SetResult();
        }
    }

    /// <summary>Ack: done with. PutBack: the next one may have it at once. Keep: it stays pending until its time is over.</summary>
    private async Task<HandlerOutcome> HandleAsync(PubSubMessage message)
    {
        while (true)
        {
            try
            {
                await workers.WaitAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return HandlerOutcome.PutBack;
            }
            var started = Stopwatch.GetTimestamp();
            var outcome = HandlerOutcome.Retry;
            try
            {
                outcome = await handle(new Delivery(message, stopping.Token, abort.Token));
            }
            catch (Exception failure)
            {
                log.LogError(failure, "{PubSub}: handling a message of topic {Topic} failed", settings.Component, topic);
            }
            finally
            {
                workers.Release();
            }
            if (outcome == HandlerOutcome.Retry)
            {
                if (options.Redelivers && Stopwatch.GetElapsedTime(started) >= options.ProcessingTimeout)
                    return HandlerOutcome.Keep;
                log.LogError("{PubSub}: {Group} failed to process a message of topic {Topic}; it has no dead-letter topic and is given up", settings.Component, group, topic);
                return HandlerOutcome.Ack;
            }
            if (outcome != HandlerOutcome.PutBack)
                return outcome;
            await Task.Delay(Pause, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Tries until it is told, or the subscription ends: what was handled is not to come again.</summary>
    private async Task AcknowledgeAsync(string id)
    {
        while (true)
        {
            try
            {
                await redis.ExecuteAsync(database => database.StreamAcknowledgeAsync(topic, group, id), repeatable: true, CancellationToken.None);
                return;
            }
            catch (Exception failure) when (failure is RedisException or TimeoutException or IOException)
            {
                if (stopping.IsCancellationRequested)
                {
                    log.LogWarning("{PubSub}: entry {Id} of stream {Topic} was handled but could not be acknowledged, it will come again: {Problem}", settings.Component, id, topic, failure.Message);
                    return;
                }
            }
            await Task.Delay(Pause, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Makes it look as forgotten as processingTimeout demands, so that whoever looks next takes it.</summary>
    private async Task GiveBackAsync(string id)
    {
        if (!options.Redelivers)
            return;
        try
        {
            var idle = (long)options.ProcessingTimeout.TotalMilliseconds;
            await redis.ExecuteAsync(database => database.ExecuteAsync("XCLAIM", (RedisKey)topic, group, group, 0, id, "IDLE", idle, "JUSTID"), repeatable: true, CancellationToken.None);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or IOException)
        {
            log.LogWarning("{PubSub}: entry {Id} of stream {Topic} could not be given back, it comes again after processingTimeout: {Problem}", settings.Component, id, topic, failure.Message);
        }
    }

    private async Task ReclaimAsync()
    {
        using var timer = new PeriodicTimer(options.RedeliverInterval);
        try
        {
            await takenOver.Task.WaitAsync(stopping.Token);
            do
            {
                try
                {
                    await ReclaimPendingAsync((long)options.ProcessingTimeout.TotalMilliseconds, _ => true);
                }
                catch (RedisServerException gone) when (gone.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
                {
                    // The reader makes it.
                    continue;
                }
                catch (Exception failure) when (!stopping.IsCancellationRequested)
                {
                    log.LogWarning("{PubSub}: pending entries of stream {Topic} cannot be looked at, trying on: {Problem}", settings.Component, topic, failure.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping.Token));
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Stopped, whatever else went wrong at that moment.
        }
    }

    /// <param name="forgotten">How many milliseconds nobody must have asked for an entry.</param>
    /// <param name="among">Which entries to look at.</param>
    private async Task ReclaimPendingAsync(long forgotten, Func<StreamPendingMessageInfo, bool> among)
    {
        for (RedisValue from = "-"; !from.IsNull;)
        {
            await RoomAsync();
            var page = await redis.ExecuteAsync(database => database.StreamPendingMessagesAsync(topic, group, options.QueueDepth, RedisValue.Null, from, "+"), repeatable: true, stopping.Token);
            RedisValue[] stale = [.. page.Where(entry => entry.IdleTimeInMilliseconds >= forgotten && among(entry) && !inHand.ContainsKey(entry.MessageId!)).Select(entry => entry.MessageId)];
            if (stale.Length > 0)
                await ClaimAsync(stale, forgotten);
            // What takes long here must not look forgotten to others.
            RedisValue[] slow = [.. page.Where(entry => entry.IdleTimeInMilliseconds >= forgotten / 2 && inHand.ContainsKey(entry.MessageId!)).Select(entry => entry.MessageId)];
            if (slow.Length > 0)
                await redis.ExecuteAsync(database => database.StreamClaimIdsOnlyAsync(topic, group, group, 0, slow), repeatable: true, stopping.Token);
            from = page.Length < options.QueueDepth ? RedisValue.Null : After(page[^1].MessageId!);
        }
    }

    private async Task ClaimAsync(RedisValue[] ids, long forgotten)
    {
        var claimed = await redis.ExecuteAsync(database => database.StreamClaimAsync(topic, group, group, forgotten, ids), repeatable: true, stopping.Token);
        var got = claimed.Where(entry => !entry.IsNull && entry.Values is not null).ToDictionary(entry => (string)entry.Id!);
        if (got.Count > 0)
            log.LogInformation("{PubSub}: {Count} messages of topic {Topic} were left unfinished and are delivered again", settings.Component, got.Count, topic);
        foreach (var (id, entry) in got)
            Start(id, () => Read(id, entry.Values.Select(field => KeyValuePair.Create((string?)field.Name, field.Value))));
        foreach (var id in ids.Where(id => !got.ContainsKey(id!)))
        {
            // Another one was faster, or the entry was cut off the stream while it was pending.
            if (await redis.ExecuteAsync(database => database.StreamRangeAsync(topic, id, id), repeatable: true, stopping.Token) is [])
                await redis.ExecuteAsync(database => database.StreamAcknowledgeAsync(topic, group, id), repeatable: true, stopping.Token);
        }
    }

    private static string After(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{id[..dash]}-{ulong.Parse(id[(dash + 1)..], CultureInfo.InvariantCulture) + 1}");
    }

    /// <summary>Ends the wait for messages at once; without it, it would last up to readTimeout.</summary>
    private async Task WakeReaderAsync()
    {
        while (await Task.WhenAny(reading, Task.Delay(50)) != reading)
        {
            if (connection is not { IsCompletedSuccessfully: true } waiting || !redis.Connected.IsCompletedSuccessfully)
                continue;
            try
            {
                await (await redis.Connected).GetServer((RedisKey)topic).ExecuteAsync("CLIENT", "UNBLOCK", (long)await waiting);
            }
            catch (Exception failure) when (failure is RedisException or TimeoutException or InvalidOperationException)
            {
                log.LogDebug("{PubSub}: the wait on stream {Topic} cannot be ended, it ends by itself: {Problem}", settings.Component, topic, failure.Message);
            }
        }
        await reading;
    }
}
