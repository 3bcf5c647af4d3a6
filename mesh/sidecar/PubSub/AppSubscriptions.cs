using System.Collections.Concurrent;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.PubSub;

/// <summary>Subscriptions in the life of an app: asked for and started when it accepts connections, stopped when it goes away.</summary>
internal sealed class AppSubscriptions(
    DeclaredSubscriptions declared, ProgrammaticSubscriptions programmatic, Publisher publisher, IResiliency resiliency, SidecarMetrics metrics, SidecarOptions options, TimeProvider time,
    ILogger<AppSubscriptions> log) : IAppPart
{
    private readonly ConcurrentDictionary<string, List<Running>> running = new();
    private readonly ConcurrentDictionary<Running, string> streams = new();

    /// <summary>What runs for an app, streams included.</summary>
    public IReadOnlyList<Subscription> Of(string appId) =>
    [
        .. (running.GetValueOrDefault(appId) ?? []).Select(item => item.Subscription),
        .. streams.Where(item => item.Value == appId).Select(item => item.Key.Subscription),
    ];

    public async Task StartAsync(AppRuntime app, CancellationToken cancel)
    {
        if (app.Channel is not { } channel || !app.Components.Any<IPubSub>())
        {
            return;
        }
        var own = await programmatic.AskAsync(app, channel, cancel);
        IEventSink sink = app.Grpc is { } grpc ? new GrpcEventSink(grpc) : new HttpEventSink(channel);
        var all = own.Concat(declared.For(app.AppId).Where(other => !own.Any(mine => mine.PubSub == other.PubSub && mine.Topic == other.Topic)));
        var started = new List<Running>();
        try
        {
            foreach (var subscription in all)
            {
                if (await SubscribeAsync(app, subscription, sink, cancel) is { } one)
                {
                    started.Add(one);
                }
            }
        }
        catch
        {
            await StopAsync(started, new CancellationToken(canceled: true));
            throw;
        }
        running[app.AppId] = started;
        log.LogInformation("{App}: subscribed to {Topics}", app.AppId, string.Join(", ", started.Select(item => $"{item.Subscription.PubSub}/{item.Subscription.Topic}")));
    }

    public async Task StopAsync(AppRuntime app, CancellationToken cancel)
    {
        if (!running.TryRemove(app.AppId, out var subscriptions))
        {
            return;
        }
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        grace.CancelAfter(options.GracefulShutdown);
        await StopAsync(subscriptions, grace.Token);
    }

    /// <summary>A subscription that a client's stream holds. Throws when the component is missing or the topic not allowed; dispose it with the stream.</summary>
    public async Task<IAsyncDisposable> StartStreamAsync(AppRuntime app, Subscription subscription, IEventSink sink, CancellationToken cancel)
    {
        if (app.Components.Find<IPubSub>(subscription.PubSub) is not var (spec, _))
        {
            throw PubSubErrors.NotFound(subscription.PubSub, PubSubMessage.NoMetadata);
        }
        if (!TopicScopes.MaySubscribe(spec.Metadata, app.AppId, subscription.Topic))
        {
            throw PubSubErrors.SubscriptionForbidden(subscription.PubSub, subscription.Topic, app.AppId);
        }
        var one = (await SubscribeAsync(app, subscription, sink, cancel))!;
        streams[one] = app.AppId;
        return new Stream(async () =>
        {
            streams.TryRemove(one, out _);
            await one.StopAsync(new CancellationToken(canceled: true));
        });
    }

    private static Task StopAsync(IEnumerable<Running> subscriptions, CancellationToken grace) => Task.WhenAll(subscriptions.Select(one => one.StopAsync(grace)));

    private async Task<Running?> SubscribeAsync(AppRuntime app, Subscription subscription, IEventSink sink, CancellationToken cancel)
    {
        if (Refusal(app, subscription) is { } refusal)
        {
            log.LogError("{App}: no subscription to topic {Topic} of {PubSub}: {Problem}", app.AppId, subscription.Topic, subscription.PubSub, refusal);
            return null;
        }
        var (spec, pubsub) = app.Components.Find<IPubSub>(subscription.PubSub)!.Value;
        var single = new EventDelivery(app, subscription, pubsub, sink, publisher, resiliency, metrics, time, log);
        var bulk = subscription.Bulk is not null && sink is (HttpEventSink or GrpcEventSink)
            ? new BulkEventDelivery(app, subscription, pubsub, app.Channel!, single, resiliency, time, log) : null;
        bulk?.Start();
        var consumer = new TopicConsumer(BrokerTopic.Of(spec, app, subscription.Topic), ConsumerId(app, spec), subscription.Metadata, bulk is null ? null : subscription.Bulk!.MaxMessagesCount);
        var component = await pubsub.SubscribeAsync(consumer, bulk is null ? single.HandleAsync : bulk.HandleAsync, cancel);
        return new Running(subscription, component, bulk);
    }

    private static string? Refusal(AppRuntime app, Subscription subscription) =>
        subscription.Topic.Length == 0 ? "the topic is empty"
        : app.Components.Find<IPubSub>(subscription.PubSub) is not var (spec, _) ? "there is no such pub/sub component"
        : !TopicScopes.MaySubscribe(spec.Metadata, app.AppId, subscription.Topic) ? "the component's topic scopes do not allow it"
        : Publisher.IsRawPayload(subscription.Metadata, out var problem) is null ? problem
        : null;

    /// <summary>metadata consumerID, else the app-id. One component serves many apps here, so its templates are filled in for each.</summary>
    internal static string ConsumerId(AppRuntime app, ComponentSpec spec) =>
        spec.Metadata.GetValueOrDefault("consumerID") is { Length: > 0 } text
            ? ComponentDraft.Fill(text.Replace("{uuid}", app.Instance, StringComparison.Ordinal), app) : app.AppId;

    private sealed record Running(Subscription Subscription, ITopicSubscription Component, BulkEventDelivery? Bulk)
    {
        public async Task StopAsync(CancellationToken grace)
        {
            await Component.StopAsync(grace);
            if (Bulk is not null)
            {
                await Bulk.DisposeAsync();
            }
        }
    }

    private sealed class Stream(Func<Task> stop) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(stop());
    }
}

/// <summary>The subscriptions of the resources folders.</summary>
internal sealed class DeclaredSubscriptions(IReadOnlyList<ResourceDocument> documents)
{
    private readonly List<(ResourceDocument Document, Subscription Subscription)> all = [.. documents.Select(document => (document, DeclarativeSubscriptions.Parse(document)))];

    public IEnumerable<Subscription> For(string appId) => all.Where(item => item.Document.AppliesTo(appId)).Select(item => item.Subscription);
}
