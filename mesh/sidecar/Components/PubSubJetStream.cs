using NATS.Client.Core;
using NATS.Client.JetStream;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// pubsub.jetstream: a topic is a subject of a stream, a subscription is a push consumer, as in daprd. A publish returns when the stream holds the message.
/// Beyond daprd: createStreams makes a stream for a topic that has none, {topic} in durableName gives each topic a durable consumer of its own, and a consumer that
/// the server has forgotten is made again where it was.
/// </summary>
internal sealed class PubSubJetStream(JetStreamOptions options, TimeProvider time, ILogger log) : IPubSub, IServerComponent, IAsyncDisposable
{
    public static readonly ComponentType Type = new("pubsub.jetstream", [.. JetStreamOptions.Keys, .. TopicScopeKeys.All], (spec, services, _) => Task.FromResult<object>(
        new PubSubJetStream(JetStreamOptions.Read(spec), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<PubSubJetStream>>())));

    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(5);

    private readonly JetStreamOptions options = options;
    private readonly JetStreamLink link = new(options, time, log);
    private readonly HashSet<string> durables = [];

    public IReadOnlyList<string> Features { get; } = [];

    public string? NotReady => link.NotReady;

    public async Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        var jetStream = await link.OpenAsync(cancel);
        // The library would wait for a lost connection as long as it takes.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ConfirmLimit);
        try
        {
            await PartlyPublishedException.PublishEachAsync(messages, message => PublishAsync(jetStream, topic, message, limit.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"NATS did not confirm within {ConfirmLimit.TotalSeconds} s");
        }
    }

    public async Task<ITopicSubscription> SubscribeAsync(TopicConsumer consumer, MessageHandler handle, CancellationToken cancel)
    {
        var durable = options.Durable(consumer.Topic);
        if (durable is not null && options.QueueGroupName is null)
        {
            lock (durables)
            {
                if (!durables.Add(durable))
                    throw new InvalidOperationException(
                        $"the durable consumer {durable} has a subscription already; write {{appID}} and {{topic}} in durableName to tell them apart, or give a queueGroupName to share it");
            }
        }
        try
        {
            return await JetStreamSubscription.StartAsync(options, link, consumer, handle, () => Release(durable), time, log, cancel);
        }
        catch
        {
            Release(durable);
            throw;
        }
    }

    public ValueTask DisposeAsync() => link.DisposeAsync();

    private void Release(string? durable)
    {
        lock (durables)
        {
            if (durable is not null)
                durables.Remove(durable);
        }
    }

    private async Task PublishAsync(NatsJSContext jetStream, string topic, PubSubMessage message, CancellationToken cancel)
    {
        if (options.CreateStreams && options.StreamName is null)
            await link.StreamAsync(jetStream, topic, cancel);
        // The stream takes a message of an id that it has seen in the last minutes for a repetition.
        var publish = new NatsJSPubOpts { MsgId = MessageId(message) };
        for (var again = options.CreateStreams; ; again = false)
        {
            var result = await jetStream.TryPublishAsync(topic, message.Data, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, publish, cancellationToken: cancel);
            if (result.Success)
            {
                // A repetition is a success: the stream has the message.
                if (result.Value.Error is { } refused)
                    throw new InvalidOperationException(refused.Description);
                return;
            }
            if (!again || result.Error is not NatsJSPublishNoResponseException)
                throw result.Error is NatsJSPublishNoResponseException ? new InvalidOperationException($"no stream of NATS takes the subject {topic}", result.Error) : result.Error;
            link.Forget(topic);
            await link.StreamAsync(jetStream, topic, cancel);
        }
    }

    private static string? MessageId(PubSubMessage message)
    {
        try
        {
            return CloudEventEnvelope.Parse(message.Data).Id;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
