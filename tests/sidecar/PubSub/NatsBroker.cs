using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>One NATS server with JetStream for the tests of a class, and a look at it from outside.</summary>
public sealed class NatsBroker : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private TestServer? server;

    /// <summary>Started by the first test, so that each test is skipped where there is no NATS.</summary>
    public async Task<TestServer> ServerAsync()
    {
        await gate.WaitAsync();
        try
        {
            return server ??= await NatsServer.StartAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The component pubsub with streams made on demand and a durable consumer for each app and topic, unless the further metadata, as name = value, says otherwise.</summary>
    public async Task<string> ComponentAsync(params string[] metadata) => Component((await ServerAsync()).Address, metadata);

    internal static string Component(string address, params string[] metadata)
    {
        var values = new Dictionary<string, string> { ["natsURL"] = $"nats://{address}", ["createStreams"] = "true", ["durableName"] = "{appID}-{topic}" };
        foreach (var item in metadata)
        {
            values[item.Split(" = ")[0]] = item.Split(" = ") is [_, var value] ? value : "";
        }
        return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: pubsub }\nspec:\n  type: pubsub.jetstream\n  version: v1\n  metadata:\n"
            + string.Concat(values.Select(item => $"  - {{ name: {item.Key}, value: \"{item.Value}\" }}\n"));
    }

    public async Task<T> WithJetStreamAsync<T>(Func<NatsJSContext, Task<T>> use)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://{(await ServerAsync()).Address}" });
        return await use(new NatsJSContext(connection));
    }

    public Task CreateStreamAsync(string name, params string[] subjects) => WithJetStreamAsync(async jetStream => await jetStream.CreateStreamAsync(new StreamConfig(name, subjects)));

    public Task<ConsumerInfo> ConsumerAsync(string stream, string name) => WithJetStreamAsync(async jetStream => (await jetStream.GetPushConsumerAsync(stream, name)).Info);

    public Task<List<ConsumerInfo>> ConsumersAsync(string stream) => WithJetStreamAsync(async jetStream =>
    {
        var all = new List<ConsumerInfo>();
        await foreach (var consumer in jetStream.ListConsumersAsync(stream))
            all.Add(consumer.Info);
        return all;
    });

    /// <summary>What the server still waits for, or has still to deliver, to all consumers of a stream.</summary>
    public async Task<long> OpenAsync(string stream) => (await ConsumersAsync(stream)).Sum(consumer => consumer.NumAckPending + (long)consumer.NumPending);

    public Task<long> CountAsync(string stream) => WithJetStreamAsync(async jetStream => (long)(await jetStream.GetStreamAsync(stream)).Info.State.Messages);

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        gate.Dispose();
    }
}
