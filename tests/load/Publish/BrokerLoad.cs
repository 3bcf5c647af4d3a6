using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Publish;

/// <summary>A broker to be measured.</summary>
/// <param name="Name">As in --brokers.</param>
/// <param name="Server">Starts it; null: it needs no server.</param>
/// <param name="Component">The spec of the component: type and metadata.</param>
/// <param name="Bare">The broker's own client library; null: there is none to compare with.</param>
internal sealed record BrokerLoad(string Name, Func<Task<TestServer>>? Server, Func<TestServer?, string> Component, Func<TestServer, IEventClient>? Bare)
{
    public static IReadOnlyList<BrokerLoad> All { get; } =
    [
        new("embedded", null, _ => Spec("pubsub.sqlite", ("connectionString", "pubsub.db")), null),
        new("redis", () => RedisServer.StartAsync("--appendfsync", "everysec"), server => Spec("pubsub.redis", ("redisHost", server!.Address)), server => new BareRedis(server)),
        new("rabbitmq", () => RabbitMqServer.StartAsync(), server => Spec("pubsub.rabbitmq", ("connectionString", RabbitMqServer.Url(server!)), ("publisherConfirm", "true"), ("prefetchCount", "100")),
            server => new BareRabbitMq(server)),
        new("jetstream", () => NatsServer.StartAsync(), server => Spec("pubsub.jetstream", ("natsURL", $"nats://{server!.Address}"), ("streamName", "load"), ("durableName", "load")),
            server => new BareJetStream(server)),
        new("mqtt3", () => MosquittoServer.StartAsync(), server => Spec("pubsub.mqtt3", ("url", $"mqtt://{server!.Address}"), ("qos", "1")), server => new BareMqtt(server)),
    ];

    private static string Spec(string type, params (string Name, string Value)[] metadata) =>
        $"type: {type}\n  version: v1\n  metadata:\n{string.Concat(metadata.Select(item => $"  - {{ name: {item.Name}, value: \"{item.Value}\" }}\n"))}";
}
