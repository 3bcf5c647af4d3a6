using System.Threading.Channels;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// pubsub.in-memory: one bus for all apps of this host. Asynchronous, one message at a time for each consumer, no redelivery: an error is logged
/// and the message is gone, as in daprd. Nothing outlives the process, nothing waits for a consumer that is not there.
/// </summary>
internal sealed class PubSubInMemory(string name, TimeProvider time, ILogger log) : IPubSub
{
    public static readonly ComponentType Type = new("pubsub.in-memory", ["consumerID", .. TopicScopeKeys.All], (spec, services, _) => Task.FromResult<object>(
        new PubSubInMemory(spec.Name, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<PubSubInMemory>>())));

    private static readonly TimeSpan PutBackDelay = TimeSpan.FromMilliseconds(500);

    private readonly string name = name;
    private readonly TimeProvider time = time;
    private readonly ILogger log = log;
    private readonly Lock gate = new();
    private readonly Dictionary<(string Topic, string ConsumerId), Group> groups = [];

    public IReadOnlyList<string> Features { get; } = ["SUBSCRIBE_WILDCARDS"];

    public Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        lock (gate)
        {
            foreach (var group in groups.Where(item => Covers(item.Key.Topic, topic)).Select(item => item.Value))
            {
                foreach (var message in messages)
                {
                    group.Messages.Writer.TryWrite(message with { ContentType = null });
                }
            }
        }
        return Task.CompletedTask;
    }

    public Task<ITopicSubscription> SubscribeAsync(TopicConsumer consumer, MessageHandler handle, CancellationToken cancel)
    {
        var key = (consumer.Topic, consumer.ConsumerId);
        lock (gate)
        {
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new Group();
            }
            group.Members++;
            return Task.FromResult<ITopicSubscription>(new Subscriber(this, key, group, handle));
        }
    }

    private static bool Covers(string pattern, string topic) =>
        pattern == topic || (pattern.EndsWith('*') && topic.Length >= pattern.Length && topic.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal));

    private sealed class Group
    {
        public Channel<PubSubMessage> Messages { get; } = Channel.CreateUnbounded<PubSubMessage>();

        public int Members { get; set; }
    }

    private sealed class Subscriber : ITopicSubscription
    {
        private readonly PubSubInMemory owner;
        private readonly (string Topic, string ConsumerId) key;
        private readonly Group group;
        private readonly CancellationTokenSource stopping = new();
        private readonly CancellationTokenSource abort = new();
        private readonly Task running;
        private int stopped;

        public Subscriber(PubSubInMemory owner, (string Topic, string ConsumerId) key, Group group, MessageHandler handle)
        {
            (this.owner, this.key, this.group) = (owner, key, group);
            running = Task.Run(() => RunAsync(handle));
        }

        public async Task StopAsync(CancellationToken grace)
        {
            if (Interlocked.Exchange(ref stopped, 1) == 0)
            {
                lock (owner.gate)
                {
                    if (--group.Members == 0)
                    {
                        owner.groups.Remove(key);
                    }
                }
                await stopping.CancelAsync();
            }
            await using (grace.Register(abort.Cancel))
            {
                await running;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync(new CancellationToken(canceled: true));
            stopping.Dispose();
            abort.Dispose();
        }

        private async Task RunAsync(MessageHandler handle)
        {
            try
            {
                while (true)
                {
                    var message = await group.Messages.Reader.ReadAsync(stopping.Token);
                    var outcome = await HandleAsync(handle, message);
                    if (outcome == HandlerOutcome.PutBack)
                    {
                        // Another consumer of the group may be there; otherwise the group is going and the message with it.
                        group.Messages.Writer.TryWrite(message);
                        await Task.Delay(PutBackDelay, owner.time, stopping.Token);
                    }
                    else if (outcome is HandlerOutcome.Retry or HandlerOutcome.Keep)
                    {
                        owner.log.LogError("{PubSub}: {ConsumerId} failed to process a message of topic {Topic}; pubsub.in-memory does not redeliver", owner.name, key.ConsumerId, key.Topic);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
        }

        private async Task<HandlerOutcome> HandleAsync(MessageHandler handle, PubSubMessage message)
        {
            try
            {
                return await handle(new Delivery(message, stopping.Token, abort.Token));
            }
            catch (Exception e)
            {
                owner.log.LogError(e, "{PubSub}: handling a message of topic {Topic} failed", owner.name, key.Topic);
                return HandlerOutcome.Retry;
            }
        }
    }
}

/// <summary>Metadata of every pub/sub component that the runtime itself reads.</summary>
internal static class TopicScopeKeys
{
    public static readonly IReadOnlyList<string> All = ["allowedTopics", "protectedTopics", "publishingScopes", "subscriptionScopes"];
}
