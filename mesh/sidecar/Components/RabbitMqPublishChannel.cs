using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// A channel for publishing and the exchanges that were declared over it. With publisherConfirm it waits for the broker's word on each message. It counts them itself,
/// because the library would put the number into a header of each message, and daprd's messages have none.
/// </summary>
internal sealed class RabbitMqPublishChannel : IAsyncDisposable
{
    private const int ShortText = 255;

    private readonly RabbitMqOptions options;
    private readonly IChannel channel;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<string, Lazy<Task>> exchanges = new();
    private readonly SemaphoreSlim order = new(1);
    private readonly Lock gate = new();
    private readonly SortedDictionary<ulong, TaskCompletionSource> unconfirmed = [];
    private ulong last;
    private Exception? gone;

    private RabbitMqPublishChannel(RabbitMqOptions options, IChannel channel, ILogger log)
    {
        (this.options, this.channel, this.log) = (options, channel, log);
        channel.BasicAcksAsync += (_, ack) => Confirmed(ack.DeliveryTag, ack.Multiple, null);
        channel.BasicNacksAsync += (_, nack) => Confirmed(nack.DeliveryTag, nack.Multiple, new IOException("RabbitMQ did not take the message"));
        channel.ChannelShutdownAsync += (_, reason) => Lost(reason);
    }

    public bool IsOpen => channel.IsOpen;

    public static async Task<RabbitMqPublishChannel> OpenAsync(RabbitMqOptions options, IConnection connection, ILogger log, CancellationToken cancel) =>
        new(options, await connection.CreateChannelAsync(new CreateChannelOptions(options.PublisherConfirm, publisherConfirmationTrackingEnabled: false), cancel), log);

    /// <summary>Null, or why the broker does not have the message.</summary>
    public async Task<Exception?> TryPublishAsync(string topic, PubSubMessage message, CancellationToken cancel)
    {
        try
        {
            var (routingKey, properties) = (message.Metadata.GetValueOrDefault("routingKey") ?? "", Properties(topic, message));
            RefuseLongTexts(topic, routingKey, properties.ContentType, properties.MessageId, properties.CorrelationId, properties.Type);
            await exchanges.GetOrAdd(topic, name => new Lazy<Task>(() => RabbitMqTopology.DeclareExchangeAsync(channel, options, name, CancellationToken.None))).Value.WaitAsync(cancel);
            await (await SendAsync(topic, routingKey, properties, message.Data, cancel)).WaitAsync(cancel);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        order.Dispose();
    }

    /// <summary>Returns when it is sent; the task ends with the broker's word, at once where that is not asked for.</summary>
    private async Task<Task> SendAsync(string topic, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        if (!options.PublisherConfirm)
        {
            await channel.BasicPublishAsync(topic, routingKey, mandatory: false, properties, data, cancel);
            return Task.CompletedTask;
        }
        var confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // The broker counts them in the order in which they come.
        await order.WaitAsync(cancel);
        try
        {
            lock (gate)
            {
                if (gone is not null)
                    throw gone;
                unconfirmed[++last] = confirmed;
            }
            // Not cancelled: what was begun is counted by the broker.
            await channel.BasicPublishAsync(topic, routingKey, mandatory: false, properties, data, CancellationToken.None);
        }
        catch when (channel.IsOpen)
        {
            // Whether the broker counted it is not known, so that no later number could be trusted.
            await channel.CloseAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            order.Release();
        }
        return confirmed.Task;
    }

    private static void RefuseLongTexts(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (text is not null && Encoding.UTF8.GetByteCount(text) > ShortText)
                throw new ArgumentException($"AMQP allows {ShortText} bytes for the topic, the routing key and each property, and this is longer: {text}");
        }
    }

    private Task Confirmed(ulong tag, bool multiple, Exception? problem)
    {
        List<TaskCompletionSource> done = [];
        lock (gate)
        {
            if (!multiple)
            {
                if (unconfirmed.Remove(tag, out var one))
                    done.Add(one);
            }
            else
            {
                while (unconfirmed.Count > 0 && unconfirmed.First() is var (number, first) && number <= tag)
                {
                    unconfirmed.Remove(number);
                    done.Add(first);
                }
            }
        }
        done.ForEach(one => Complete(one, problem));
        return Task.CompletedTask;
    }

    private Task Lost(ShutdownEventArgs reason)
    {
        List<TaskCompletionSource> open;
        lock (gate)
        {
            gone = new RabbitMQ.Client.Exceptions.AlreadyClosedException(reason);
            open = [.. unconfirmed.Values];
            unconfirmed.Clear();
        }
        open.ForEach(one => Complete(one, gone));
        return Task.CompletedTask;
    }

    private static void Complete(TaskCompletionSource one, Exception? problem)
    {
        if (problem is null)
            one.TrySetResult();
        else
            one.TrySetException(problem);
    }

    private BasicProperties Properties(string topic, PubSubMessage message)
    {
        var properties = new BasicProperties { ContentType = Text(message, "contentType") ?? "text/plain" };
        if (options.DeliveryMode > 0)
            properties.DeliveryMode = (DeliveryModes)options.DeliveryMode;
        var ttl = MessageTtl.Read(message.Metadata, out var problem);
        if (problem is not null)
            log.LogWarning("{PubSub}: publishing to {Topic}: {Problem}, it is ignored", options.Name, topic, problem);
        if ((ttl ?? options.Ttl) is { } expiration)
            properties.Expiration = ((long)expiration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        if (message.Metadata.GetValueOrDefault("priority") is { Length: > 0 } priority)
        {
            if (int.TryParse(priority, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                properties.Priority = (byte)Math.Clamp(number, 0, byte.MaxValue);
            else
                log.LogWarning("{PubSub}: publishing to {Topic}: priority must be a whole number, not {Priority}, it is ignored", options.Name, topic, priority);
        }
        if (Text(message, "messageID") is { } id)
            properties.MessageId = id;
        if (Text(message, "correlationID") is { } correlation)
            properties.CorrelationId = correlation;
        if (Text(message, "type") is { } type)
            properties.Type = type;
        return properties;
    }

    private static string? Text(PubSubMessage message, string key) => message.Metadata.GetValueOrDefault(key) is { Length: > 0 } exact ? exact
        : message.Metadata.FirstOrDefault(item => item.Value.Length > 0 && item.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;
}
