using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Publish;

/// <summary>A durable fanout exchange and queue, persistent messages with publisher confirms, manual acknowledgement.</summary>
internal sealed class BareRabbitMq(TestServer server) : IEventClient
{
    private const string Topic = "bare";
    private static readonly BasicProperties Persistent = new() { Persistent = true };
    private IConnection? connection;
    private IChannel? publishing;

    public async Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel)
    {
        connection = await new ConnectionFactory { Uri = new Uri(RabbitMqServer.Url(server)) }.CreateConnectionAsync(cancel);
        publishing = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancel);
        await publishing.ExchangeDeclareAsync(Topic, ExchangeType.Fanout, durable: true, cancellationToken: cancel);
        await publishing.QueueDeclareAsync(Topic, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancel);
        await publishing.QueueBindAsync(Topic, Topic, "", cancellationToken: cancel);
        var consuming = await connection.CreateChannelAsync(cancellationToken: cancel);
        await consuming.BasicQosAsync(0, 100, global: false, cancel);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, message) =>
        {
            handle(message.Body);
            await consuming.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await consuming.BasicConsumeAsync(Topic, autoAck: false, consumer, cancel);
    }

    public async Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel) => await publishing!.BasicPublishAsync(Topic, "", mandatory: false, Persistent, json, cancel);

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
    }
}
