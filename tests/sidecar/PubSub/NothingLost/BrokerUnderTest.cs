using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub.NothingLost;

/// <summary>A broker and the component file that makes it keep what it accepts.</summary>
/// <param name="StartAsync">Null for the broker inside the sidecar host.</param>
/// <param name="Component">The metadata of the component pubsub, for the server's address.</param>
internal sealed record BrokerUnderTest(string Type, Func<Task<TestServer>>? StartAsync, Func<string, (string Name, string Value)[]> Component)
{
    public static readonly IReadOnlyDictionary<string, BrokerUnderTest> All = new Dictionary<string, BrokerUnderTest>
    {
        ["sqlite"] = new("pubsub.sqlite", null, _ => [("connectionString", "pubsub.db"), ("redeliverInterval", "10ms"), ("maxRedeliverInterval", "100ms")]),
        // What a dead host had in hand is claimed after processingTimeout.
        ["redis"] = new("pubsub.redis", () => RedisServer.StartAsync(), address => [("redisHost", address), ("processingTimeout", "2s"), ("redeliverInterval", "1s"), ("concurrency", "20")]),
        ["rabbitmq"] = new("pubsub.rabbitmq", () => RabbitMqServer.StartAsync(), address =>
        [
            ("connectionString", $"amqp://guest:guest@{address}/"), ("durable", "true"), ("deletedWhenUnused", "false"), ("deliveryMode", "2"), ("publisherConfirm", "true"),
            ("requeueInFailure", "true"), ("prefetchCount", "50"),
        ]),
        // And after ackWait.
        ["jetstream"] = new("pubsub.jetstream", () => NatsServer.StartAsync(), address =>
            [("natsURL", $"nats://{address}"), ("createStreams", "true"), ("durableName", "{appID}-{topic}"), ("ackWait", "2s"), ("concurrency", "parallel")]),
        // Mosquitto answers first and writes then, whatever its configuration.
        ["mqtt3"] = new("pubsub.mqtt3", () => MosquittoServer.StartAsync(), address => [("url", $"mqtt://{address}")]) { WritesAfter = TimeSpan.FromSeconds(1) },
    };

    /// <summary>What the broker accepted so shortly before its death may be lost; zero: nothing.</summary>
    public TimeSpan WritesAfter { get; init; }

    public string ComponentFile(string address) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: pubsub
        spec:
          type: {Type}
          version: v1
          metadata:
        {string.Join('\n', Component(address).Select(item => $"  - name: {item.Name}\n    value: \"{item.Value}\""))}
        """;
}
