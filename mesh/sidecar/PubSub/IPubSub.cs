using Tarasol.Sidecar.Metadata;

namespace Tarasol.Sidecar.PubSub;

/// <summary>One configured pub/sub component: one bus for all apps of this host. It never interprets the bytes that it carries.</summary>
internal interface IPubSub : IHasCapabilities
{
    /// <summary>Dapr capability names as GET /v1.0/metadata reports them: SUBSCRIBE_WILDCARDS, MESSAGE_TTL, BULK_PUBSUB.</summary>
    IReadOnlyList<string> Features { get; }

    IReadOnlyList<string> IHasCapabilities.Capabilities => Features;

    /// <summary>The longest that one call of the app may take before it counts as failed; null: no limit of the component's own.</summary>
    TimeSpan? ProcessingTimeout => null;

    /// <summary>
    /// Returns when the component holds all messages, as safely as it promises; throws <see cref="PartlyPublishedException"/> when it holds some, anything else when it
    /// holds none.
    /// </summary>
    Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel);

    /// <summary>
    /// Starts to hand messages to <paramref name="handle"/>. Subscriptions of one consumer id on one topic compete for its messages,
    /// consumers with different ids each get all of them.
    /// </summary>
    Task<ITopicSubscription> SubscribeAsync(TopicConsumer consumer, MessageHandler handle, CancellationToken cancel);
}

/// <param name="Data">The bytes to carry: an envelope, or anything for raw payloads.</param>
/// <param name="ContentType">Of the bytes, where the publisher named one to the component.</param>
/// <param name="Metadata">Publish metadata; delivered to the app as headers.</param>
internal sealed record PubSubMessage(ReadOnlyMemory<byte> Data, string? ContentType, IReadOnlyDictionary<string, string> Metadata)
{
    public static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();
}

/// <param name="Topic">Topic name; with SUBSCRIBE_WILDCARDS a trailing * stands for any rest.</param>
/// <param name="ConsumerId">The group that competes for messages; the app-id unless the component says otherwise.</param>
/// <param name="Metadata">The subscription's metadata.</param>
/// <param name="Parallelism">At least so many messages are wanted at once (bulk subscriptions); null: as the component does it.</param>
internal sealed record TopicConsumer(string Topic, string ConsumerId, IReadOnlyDictionary<string, string> Metadata, int? Parallelism = null);

/// <summary>A running subscription.</summary>
internal interface ITopicSubscription : IAsyncDisposable
{
    /// <summary>Takes nothing new, waits for what is in flight until <paramref name="grace"/> ends, then breaks it off. What was not acknowledged goes back.</summary>
    Task StopAsync(CancellationToken grace);
}

/// <param name="Message">As published.</param>
/// <param name="Stopping">The subscription is being stopped: start no further attempt.</param>
/// <param name="Abort">Break off the running attempt.</param>
internal sealed record Delivery(PubSubMessage Message, CancellationToken Stopping, CancellationToken Abort);

internal enum HandlerOutcome
{
    /// <summary>Done with; the component may forget it.</summary>
    Ack,

    /// <summary>Failed; the component decides about redelivery.</summary>
    Retry,

    /// <summary>Failed, and its dead letter could not be written either: whatever becomes of failed messages, this one must not be lost.</summary>
    Keep,

    /// <summary>Nobody could look at it: give it to the next one, without counting an attempt.</summary>
    PutBack,
}

internal delegate Task<HandlerOutcome> MessageHandler(Delivery delivery);
