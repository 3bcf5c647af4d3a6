using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Net;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Publish;

/// <summary>A stream of one subject, as the host makes it, and a durable consumer with explicit acknowledgement.</summary>
internal sealed class BareJetStream(TestServer server) : IEventClient
{
    private const string Topic = "bare";
    private readonly CancellationTokenSource stop = new();
    private NatsConnection? connection;
    private INatsJSContext? stream;
    private Task reading = Task.CompletedTask;

    public async Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel)
    {
        connection = new NatsConnection(new NatsOpts { Url = $"nats://{server.Address}" });
        stream = connection.CreateJetStreamContext();
        await stream.CreateStreamAsync(new StreamConfig(Topic, [Topic]) { Retention = StreamConfigRetention.Interest, Storage = StreamConfigStorage.File }, cancel);
        var consumer = await stream.CreateOrUpdateConsumerAsync(Topic, new ConsumerConfig("load") { AckPolicy = ConsumerConfigAckPolicy.Explicit }, cancel);
        reading = Task.Run(async () =>
        {
            try
            {
                await foreach (var message in consumer.ConsumeAsync<byte[]>(cancellationToken: stop.Token))
                {
                    handle(message.Data);
                    await message.AckAsync(cancellationToken: stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The end.
            }
        }, cancel);
    }

    public async Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel) => (await stream!.PublishAsync(Topic, json.ToArray(), cancellationToken: cancel)).EnsureSuccess();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        if (connection is not null)
            await connection.DisposeAsync();
        stop.Dispose();
    }
}
