using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// pubsub.redis on daprd's streams: one stream for each topic with the fields data and metadata, one consumer group for each consumer id. As with daprd a
/// failed message is acknowledged all the same (retries are the inbound resiliency policy's, then comes the dead-letter topic); what nobody finished is claimed
/// again after processingTimeout.
/// </summary>
internal sealed class PubSubRedis : IPubSub, IServerComponent, IAsyncDisposable
{
    public static readonly ComponentType Type = new("pubsub.redis", [.. RedisSettings.Keys, .. RedisStreamOptions.Keys, .. TopicScopeKeys.All], (spec, services, _) =>
    {
        var log = services.GetRequiredService<ILogger<PubSubRedis>>();
        return Task.FromResult<object>(new PubSubRedis(RedisSettings.Read(spec), RedisStreamOptions.Read(spec, log), services.GetRequiredService<TimeProvider>(), log));
    });

    private readonly RedisSettings settings;
    private readonly RedisStreamOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly RedisConnection redis;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> workers = new();

    private PubSubRedis(RedisSettings settings, RedisStreamOptions options, TimeProvider time, ILogger log)
    {
        (this.settings, this.options, this.time, this.log) = (settings, options, time, log);
        redis = RedisConnection.Open(settings, log);
    }

    public IReadOnlyList<string> Features => [];

    public TimeSpan? ProcessingTimeout => options.Redelivers ? options.ProcessingTimeout : null;

    public string? NotReady => redis.NotReady;

    public Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        var commands = messages.Select(message => Add(topic, message)).ToList();
        // A break in between may write a message twice, never not at all.
        return redis.ExecuteAsync(database => commands is [var single] ? AddAsync(database, single) : AddAllAsync(database, commands), repeatable: true, cancel);
    }

    public Task<ITopicSubscription> SubscribeAsync(TopicConsumer consumer, MessageHandler handle, CancellationToken cancel)
    {
        // A bulk subscription must have its messages in hand together, so it has workers of its own.
        var places = consumer.Parallelism is { } wanted && wanted > options.Concurrency
            ? new SemaphoreSlim(wanted) : workers.GetOrAdd(consumer.ConsumerId, _ => new SemaphoreSlim(options.Concurrency));
        return Task.FromResult<ITopicSubscription>(new RedisStreamSubscription(settings, options, redis, consumer, handle, places, log));
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private static async Task<bool> AddAsync(IDatabase database, object[] command)
    {
        await database.ExecuteAsync("XADD", command);
        return true;
    }

    private static async Task<bool> AddAllAsync(IDatabase database, List<object[]> commands)
    {
        var transaction = database.CreateTransaction();
        var answers = commands.Select(command => (Task)transaction.ExecuteAsync("XADD", command)).ToList();
        await transaction.ExecuteAsync();
        await Task.WhenAll(answers);
        return true;
    }

    private object[] Add(string topic, PubSubMessage message)
    {
        List<object> command = [(RedisKey)topic];
        if (options.MaxLenApprox > 0)
            command.AddRange("MAXLEN", "~", options.MaxLenApprox);
        else if (options.StreamTtl > TimeSpan.Zero)
            command.AddRange("MINID", "~", string.Create(CultureInfo.InvariantCulture, $"{(time.GetUtcNow() - options.StreamTtl).ToUnixTimeMilliseconds()}-1"));
        command.AddRange("*", "data", (RedisValue)message.Data, "metadata", (RedisValue)Json(message.Metadata));
        return [.. command];
    }

    private static ReadOnlyMemory<byte> Json(IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, GoJson.WriterOptions))
        {
            json.WriteStartObject();
            foreach (var (name, value) in metadata.OrderBy(item => item.Key, StringComparer.Ordinal))
                json.WriteString(name, value);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
