using MQTTnet;
using MQTTnet.Protocol;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Publish;

/// <summary>QoS 1 both ways, one connection for each direction.</summary>
internal sealed class BareMqtt(TestServer server) : IEventClient
{
    private const string Topic = "bare";
    private readonly IMqttClient publishing = new MqttClientFactory().CreateMqttClient();
    private readonly IMqttClient consuming = new MqttClientFactory().CreateMqttClient();

    public async Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel)
    {
        consuming.ApplicationMessageReceivedAsync += received =>
        {
            handle(System.Buffers.BuffersExtensions.ToArray(received.ApplicationMessage.Payload));
            return Task.CompletedTask;
        };
        await consuming.ConnectAsync(Options("bare-consumer"), cancel);
        await consuming.SubscribeAsync(Topic, MqttQualityOfServiceLevel.AtLeastOnce, cancel);
        await publishing.ConnectAsync(Options("bare-publisher"), cancel);
    }

    public async Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel)
    {
        var message = new MqttApplicationMessageBuilder().WithTopic(Topic).WithPayload(json.ToArray()).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        await publishing.PublishAsync(message, cancel);
    }

    public ValueTask DisposeAsync()
    {
        publishing.Dispose();
        consuming.Dispose();
        return default;
    }

    private MqttClientOptions Options(string client) => new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", server.Port).WithClientId(client).WithCleanSession(false).Build();
}
