using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// The exchanges, queues and bindings of a topic and its consumer, to the last argument as daprd declares them: the broker refuses a second declaration that differs.
/// </summary>
internal sealed class RabbitMqTopology(RabbitMqOptions options, TopicConsumer consumer)
{
    private readonly Dictionary<string, object?> arguments = Arguments(options, consumer);
    private readonly string[] routingKeys = Value(consumer, "routingKey").Split(',');

    public string Queue { get; } = Value(consumer, "queueName") is { Length: > 0 } given ? given : $"{consumer.ConsumerId}-{consumer.Topic}";

    public async Task DeclareAsync(IChannel channel, CancellationToken cancel)
    {
        await DeclareExchangeAsync(channel, options, consumer.Topic, cancel);
        if (options.EnableDeadLetter)
        {
            var (exchange, queue) = ($"dlx-{Queue}", $"dlq-{Queue}");
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, options.DeletedWhenUnused, cancellationToken: cancel);
            var lazy = Limits(options);
            lazy["x-queue-mode"] = "lazy";
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, options.DeletedWhenUnused, lazy, cancellationToken: cancel);
            await channel.QueueBindAsync(queue, exchange, "", cancellationToken: cancel);
            arguments["x-dead-letter-exchange"] = exchange;
        }
        await channel.QueueDeclareAsync(Queue, options.Durable, exclusive: false, options.DeletedWhenUnused, arguments, cancellationToken: cancel);
        foreach (var key in routingKeys)
        {
            await channel.QueueBindAsync(Queue, consumer.Topic, key, cancellationToken: cancel);
        }
    }

    public static Task DeclareExchangeAsync(IChannel channel, RabbitMqOptions options, string topic, CancellationToken cancel) =>
        channel.ExchangeDeclareAsync(topic, options.ExchangeKind, options.Durable, options.DeletedWhenUnused, cancellationToken: cancel);

    /// <summary>A new one for every subscription: a tag that is still known ends the whole connection. AMQP allows 255 bytes; the end is what makes it unique.</summary>
    public string ConsumerTag()
    {
        var tag = $"{Queue}-{Guid.NewGuid()}";
        while (Encoding.UTF8.GetByteCount(tag) > 255)
        {
            tag = tag[(char.IsHighSurrogate(tag[0]) ? 2 : 1)..];
        }
        return tag;
    }

    private static Dictionary<string, object?> Arguments(RabbitMqOptions options, TopicConsumer consumer)
    {
        var arguments = Limits(options);
        arguments["x-queue-type"] = Value(consumer, "queueType") switch
        {
            "" or "classic" => "classic",
            "quorum" => "quorum",
            var other => throw new ArgumentException($"invalid queue type {other}. Valid types are classic and quorum"),
        };
        if (Number(consumer, "maxPriority") is { } priority)
            arguments["x-max-priority"] = (byte)Math.Min(priority, byte.MaxValue);
        if (Truth.Parse(Value(consumer, "singleActiveConsumer")))
            arguments["x-single-active-consumer"] = true;
        if (Number(consumer, "maxLenBytes") is { } bytes)
            arguments["x-max-length-bytes"] = bytes;
        if (Number(consumer, "maxLen") is { } length)
            arguments["x-max-length"] = length;
        return arguments;
    }

    private static Dictionary<string, object?> Limits(RabbitMqOptions options)
    {
        var limits = new Dictionary<string, object?>();
        if (options.MaxLen > 0)
            limits["x-max-length"] = options.MaxLen;
        if (options.MaxLenBytes > 0)
            limits["x-max-length-bytes"] = options.MaxLenBytes;
        return limits;
    }

    private static string Value(TopicConsumer consumer, string key) => consumer.Metadata.GetValueOrDefault(key) ?? "";

    private static long? Number(TopicConsumer consumer, string key) => Value(consumer, key) is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"subscription metadata {key} must be a whole number, not {text}");
}
