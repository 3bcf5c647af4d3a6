using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// pubsub.rabbitmq: an exchange for each topic, a queue for each consumer of it, named and declared as daprd does it, so that both can share a broker. Messages that
/// a queue holds outlive everything with durable, deliveryMode 2, publisherConfirm and no deletedWhenUnused; with the defaults, which are daprd's, they do not.
/// </summary>
internal sealed class PubSubRabbitMq : IPubSub, IServerComponent, IAsyncDisposable
{
    public static readonly ComponentType Type = new("pubsub.rabbitmq", [.. RabbitMqOptions.Keys, .. TopicScopeKeys.All], (spec, services, _) => Task.FromResult<object>(
        new PubSubRabbitMq(RabbitMqOptions.Read(spec), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<PubSubRabbitMq>>())));

    private readonly RabbitMqOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly RabbitMqLink publishing;
    private readonly RabbitMqLink consuming;
    private readonly RabbitMqPublisher publisher;
    private readonly Task first;
    private readonly CancellationTokenSource closed = new();

    public PubSubRabbitMq(RabbitMqOptions options, TimeProvider time, ILogger log)
    {
        (this.options, this.time, this.log) = (options, time, log);
        // Two, as the broker holds up whole connections that publish when it is short of memory, and acknowledgements must still come through.
        publishing = new RabbitMqLink(options, time, log);
        consuming = new RabbitMqLink(options, time, log);
        publisher = new RabbitMqPublisher(options, publishing, log);
        first = publishing.OpenAsync(closed.Token);
    }

    public IReadOnlyList<string> Features { get; } = ["MESSAGE_TTL"];

    public string? NotReady => publishing.NotReady;

    public Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel) => publisher.PublishAsync(topic, messages, cancel);

    public async Task<ITopicSubscription> SubscribeAsync(TopicConsumer consumer, MessageHandler handle, CancellationToken cancel) =>
        await RabbitMqSubscription.StartAsync(options, consuming, consumer, handle, time, log, cancel);

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        await first.ContinueWith(_ => { }, TaskScheduler.Default);
        await publisher.DisposeAsync();
        await publishing.DisposeAsync();
        await consuming.DisposeAsync();
        closed.Dispose();
    }
}
