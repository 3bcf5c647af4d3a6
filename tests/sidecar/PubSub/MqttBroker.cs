using System.Buffers;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>One Mosquitto for the tests of a class, and a look at it from outside.</summary>
public sealed class MqttBroker : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private TestServer? server;

    /// <summary>Started by the first test, so that each test is skipped where there is no Mosquitto.</summary>
    public async Task<TestServer> ServerAsync()
    {
        await gate.WaitAsync();
        try
        {
            return server ??= await MosquittoServer.StartAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The component pubsub for a consumer of its own, as all tests share the broker.</summary>
    public async Task<string> ComponentAsync(string consumer, params string[] metadata) => Component((await ServerAsync()).Address, [$"consumerID = {consumer}", .. metadata]);

    internal static string Component(string address, params string[] metadata)
    {
        var values = new Dictionary<string, string> { ["url"] = $"mqtt://{address}" };
        foreach (var item in metadata)
        {
            values[item.Split(" = ")[0]] = item.Split(" = ") is [_, var value] ? value : "";
        }
        return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: pubsub }\nspec:\n  type: pubsub.mqtt3\n  version: v1\n  metadata:\n"
            + string.Concat(values.Select(item => $"  - {{ name: {item.Key}, value: \"{item.Value}\" }}\n"));
    }

    /// <summary>A bare client that is subscribed to a topic and remembers what comes.</summary>
    public async Task<(IMqttClient Client, List<MqttApplicationMessage> Seen)> ListenAsync(string topic)
    {
        var seen = new List<MqttApplicationMessage>();
        var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += message =>
        {
            message.ApplicationMessage.Payload = new ReadOnlySequence<byte>(message.ApplicationMessage.Payload.ToArray());
            lock (seen)
            {
                seen.Add(message.ApplicationMessage);
            }
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", (await ServerAsync()).Port).WithProtocolVersion(MqttProtocolVersion.V311).Build());
        await client.SubscribeAsync(topic, MQTTnet.Protocol.MqttQualityOfServiceLevel.ExactlyOnce);
        return (client, seen);
    }

    internal static string Text(MqttApplicationMessage message) => Encoding.UTF8.GetString(message.Payload.ToArray());

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        gate.Dispose();
    }
}
