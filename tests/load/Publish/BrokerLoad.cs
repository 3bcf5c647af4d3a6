using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Publish;

/// <summary>A broker to be measured.</summary>
/// <param name="Name">As in --brokers.</param>
/// <param name="Server">Starts it; null: it needs no server.</param>
/// <param name="Component">The spec of the component: type and metadata.</param>
/// <param name="Bare">The client library alone: the broker's own, or what a program without a broker would use.</param>
internal sealed record BrokerLoad(string Name, Func<Task<TestServer>>? Server, Func<TestServer?, string> Component, Func<TestServer?, IEventClient> Bare)
{
    public static IReadOnlyList<BrokerLoad> All { get; } =
    [
        new("embedded", null, _ => Spec("pubsub.sqlite", ("connectionString", "pubsub.db")), _ => new BareSqlite()),
        new("in-memory", null, _ => Spec("pubsub.in-memory"), _ => new BareChannel()),
        new("redis", () => RedisServer.StartAsync("--appendfsync", "everysec"), server => Spec("pubsub.redis", ("redisHost", server!.Address)), server => new BareRedis(server!)),
        new("rabbitmq", () => RabbitMqServer.StartAsync(), server => Spec("pubsub.rabbitmq", ("connectionString", RabbitMqServer.Url(server!)), ("publisherConfirm", "true"), ("prefetchCount", "100")),
            server => new BareRabbitMq(server!)),
        // No stream is there at first, and daprd's own default handles one message at a time: as components/nats-redis.
        new("jetstream", () => NatsServer.StartAsync(),
            server => Spec("pubsub.jetstream", ("natsURL", $"nats://{server!.Address}"), ("createStreams", "true"), ("durableName", "{appID}-{topic}"), ("concurrency", "parallel")),
            server => new BareJetStream(server!)),
        new("mqtt3", () => MosquittoServer.StartAsync(), server => Spec("pubsub.mqtt3", ("url", $"mqtt://{server!.Address}"), ("qos", "1")), server => new BareMqtt(server!)),
    ];

    private static string Spec(string type, params (string Name, string Value)[] metadata) =>
        $"type: {type}\n  version: v1\n  metadata:{(metadata.Length == 0 ? " []" : "")}\n{string.Concat(metadata.Select(item => $"  - {{ name: {item.Name}, value: \"{item.Value}\" }}\n"))}";
}
