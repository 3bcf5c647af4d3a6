using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.PubSub;

/// <summary>One RabbitMQ for the tests of a class, and a look at it from outside.</summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private TestServer? server;

    /// <summary>Started by the first test, so that each test is skipped where there is no RabbitMQ.</summary>
    public async Task<TestServer> ServerAsync()
    {
        await gate.WaitAsync();
        try
        {
            return server ??= await RabbitMqServer.StartAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The component pubsub, which keeps messages safe unless the further metadata, as name = value, says otherwise.</summary>
    public async Task<string> ComponentAsync(params string[] metadata) => Component(RabbitMqServer.Url(await ServerAsync()), metadata);

    internal static string Component(string url, params string[] metadata)
    {
        var values = new Dictionary<string, string>
        {
            ["connectionString"] = url, ["durable"] = "true", ["deletedWhenUnused"] = "false", ["deliveryMode"] = "2", ["publisherConfirm"] = "true", ["requeueInFailure"] = "true",
            ["reconnectWaitSeconds"] = "500ms",
        };
        foreach (var item in metadata)
        {
            values[item.Split(" = ")[0]] = item.Split(" = ")[1];
        }
        return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: pubsub }\nspec:\n  type: pubsub.rabbitmq\n  version: v1\n  metadata:\n"
            + string.Concat(values.Select(item => $"  - {{ name: {item.Key}, value: \"{item.Value}\" }}\n"));
    }

    public async Task WithChannelAsync(Func<IChannel, Task> use)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(RabbitMqServer.Url(await ServerAsync())) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await use(channel);
    }

    /// <summary>The broker accepts a second declaration only when it is the same to the last argument.</summary>
    public async Task<bool> IsQueueAsync(string name, bool durable, bool autoDelete, Dictionary<string, object?> arguments)
    {
        try
        {
            await WithChannelAsync(async channel =>
            {
                await channel.QueueDeclarePassiveAsync(name);
                await channel.QueueDeclareAsync(name, durable, exclusive: false, autoDelete, arguments);
            });
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode is Constants.PreconditionFailed or Constants.NotFound)
        {
            return false;
        }
    }

    public async Task<bool> IsExchangeAsync(string name, string kind, bool durable, bool autoDelete)
    {
        try
        {
            await WithChannelAsync(async channel =>
            {
                await channel.ExchangeDeclarePassiveAsync(name);
                await channel.ExchangeDeclareAsync(name, kind, durable, autoDelete);
            });
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode is Constants.PreconditionFailed or Constants.NotFound)
        {
            return false;
        }
    }

    public async Task<uint> CountAsync(string queue)
    {
        uint count = 0;
        await WithChannelAsync(async channel => count = await channel.MessageCountAsync(queue));
        return count;
    }

    /// <summary>Takes one message, waiting for it.</summary>
    public async Task<(IReadOnlyBasicProperties Properties, string Body)> TakeAsync(string queue)
    {
        (IReadOnlyBasicProperties, string)? taken = null;
        await WithChannelAsync(channel => Poll.UntilAsync(async () =>
        {
            if (await channel.BasicGetAsync(queue, autoAck: true) is { } got)
                taken = (got.BasicProperties, Encoding.UTF8.GetString(got.Body.Span));
            return taken is not null;
        }));
        return taken!.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        gate.Dispose();
    }
}
