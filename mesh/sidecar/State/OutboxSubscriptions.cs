using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.State;

/// <summary>Reads the internal topics of the outboxes of an app and publishes the events whose transactions were committed.</summary>
internal sealed class OutboxSubscriptions(Publisher publisher, SidecarOptions options, TimeProvider time, ILogger<OutboxSubscriptions> log) : IAppPart
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan[] FurtherLooks = [TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)];

    private readonly ConcurrentDictionary<string, List<ITopicSubscription>> running = new();

    public async Task StartAsync(AppRuntime app, CancellationToken cancel)
    {
        var started = running[app.AppId] = [];
        foreach (var (spec, instance) in app.Components.All)
        {
            if (instance is not IStateStore store || OutboxSettings.Of(spec) is not { } outbox)
                continue;
            if (app.Components.Find<IPubSub>(outbox.PubSub) is not var (pubsub, component))
            {
                log.LogWarning("{App}: the outbox of {Store} has no pub/sub component {PubSub}", app.AppId, spec.Name, outbox.PubSub);
                continue;
            }
            var consumer = new TopicConsumer(BrokerTopic.Of(pubsub, app, outbox.InternalTopic(app)), AppSubscriptions.ConsumerId(app, pubsub), PubSubMessage.NoMetadata);
            started.Add(await component.SubscribeAsync(consumer, delivery => HandleAsync(app, store, outbox, delivery), cancel));
        }
    }

    public async Task StopAsync(AppRuntime app, CancellationToken cancel)
    {
        if (!running.TryRemove(app.AppId, out var subscriptions))
            return;
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        grace.CancelAfter(options.GracefulShutdown);
        await Task.WhenAll(subscriptions.Select(one => one.StopAsync(grace.Token)));
    }

    private async Task<HandlerOutcome> HandleAsync(AppRuntime app, IStateStore store, OutboxSettings outbox, Delivery delivery)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(delivery.Stopping, delivery.Abort);
        try
        {
            if (JsonNode.Parse(delivery.Message.Data.Span) is not JsonObject envelope || envelope["id"]?.GetValue<string>() is not { Length: > 0 } mark)
            {
                log.LogError("{App}: what came by the outbox topic of {Topic} is no event", app.AppId, outbox.PublishTopic);
                return HandlerOutcome.Retry;
            }
            if (!await IsCommittedAsync(store, mark, either.Token))
            {
                log.LogError("{App}: event {Event} for topic {Topic} has no committed transaction, {Fate}", app.AppId, mark, outbox.PublishTopic, outbox.DiscardWhenMissingState ? "it is discarded" : "it is kept for later");
                return outbox.DiscardWhenMissingState ? HandlerOutcome.Ack : HandlerOutcome.Retry;
            }
            envelope["topic"] = outbox.PublishTopic;
            envelope["pubsubname"] = outbox.PublishPubSub;
            var target = Publisher.Target(app, outbox.PublishPubSub, outbox.PublishTopic, PubSubMessage.NoMetadata);
            await publisher.PublishAsync(target, [new PubSubMessage(JsonSerializer.SerializeToUtf8Bytes(envelope), null, PubSubMessage.NoMetadata)], delivery.Abort);
            await store.CommitAsync([new DeleteState(mark)], delivery.Abort);
            return HandlerOutcome.Ack;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return HandlerOutcome.PutBack;
        }
        catch (Exception failure)
        {
            log.LogError("{App}: an event of the outbox for topic {Topic} could not be published: {Problem}", app.AppId, outbox.PublishTopic, failure.Message);
            return HandlerOutcome.Retry;
        }
    }

    private async Task<bool> IsCommittedAsync(IStateStore store, string mark, CancellationToken cancel)
    {
        foreach (var wait in (TimeSpan[])[FirstLook, .. FurtherLooks])
        {
            await Task.Delay(wait, time, cancel);
            if (await store.GetAsync(mark, cancel) is { Value.Length: > 0 })
                return true;
        }
        return false;
    }
}
