using System.Diagnostics;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.PubSub;

/// <summary>One subscription's messages, one at a time: read, route, deliver under the inbound policy, dead letter (wire: 6.3).</summary>
internal sealed class EventDelivery(
    AppRuntime app, Subscription subscription, IPubSub pubsub, IEventSink sink, Publisher publisher, IResiliency resiliency, SidecarMetrics metrics, TimeProvider time, ILogger log)
{
    // As daprd: long enough for a slow broker, short enough not to hold up the subscription for good.
    private static readonly TimeSpan DeadLetterLimit = TimeSpan.FromSeconds(30);

    private readonly bool raw = Publisher.IsRawPayload(subscription.Metadata, out _) ?? throw new InvalidOperationException(
        $"subscription of {app.AppId} to topic {subscription.Topic}: metadata rawPayload is not a boolean");

    public async Task<HandlerOutcome> HandleAsync(Delivery delivery)
    {
        var message = delivery.Message;
        if (Read(message, out var problem) is not { } routed)
        {
            return await FailAsync(message, problem, delivery.Abort);
        }
        if (routed.Envelope.HasExpired(time.GetUtcNow()))
        {
            return await DropAsync(message, $"event {routed.Envelope.Id} expired at {routed.Envelope.Text("expiration")}", delivery.Abort);
        }
        if (!routed.Matched || (routed.Path.Length == 0 && sink is HttpEventSink))
        {
            return await DropAsync(message, $"no route matches event {routed.Envelope.Id}", delivery.Abort);
        }
        using var attempts = new Attempts(delivery);
        var started = metrics.Now;
        try
        {
            var result = await resiliency.ComponentInbound(app.AppId, subscription.PubSub, ResiliencyComponentType.Pubsub).ExecuteAsync(
                async attempt =>
                {
                    var one = await attempts.RunAsync(cancel => WithinLimitAsync(routed, cancel), attempt);
                    return new Attempt<SinkResult>(one, one.Status == SinkStatus.Retry, one.StatusCode);
                }, null, attempts.Token);
            Count(result.Status, started);
            return result.Status switch
            {
                SinkStatus.Success => HandlerOutcome.Ack,
                SinkStatus.Drop => await DropAsync(message, result.Problem!, delivery.Abort),
                SinkStatus.Unreachable => PutBack(result.Problem!),
                _ when attempts.Interrupted => HandlerOutcome.PutBack,
                _ => await FailAsync(message, result.Problem!, delivery.Abort),
            };
        }
        catch (OperationCanceledException) when (attempts.Interrupted)
        {
            return HandlerOutcome.PutBack;
        }
        catch (Exception e) when (e is TimeoutException or CircuitOpenException or OperationCanceledException)
        {
            return await FailAsync(message, e.Message, delivery.Abort);
        }
    }

    /// <summary>One event that reached an end in the app, or did not; what nobody was there for is not counted.</summary>
    public void Count(SinkStatus status, long started)
    {
        if (status != SinkStatus.Unreachable)
            metrics.Ingress(app, subscription.PubSub, subscription.Topic, status == SinkStatus.Success ? "success" : status == SinkStatus.Drop ? "drop" : "retry", started);
    }

    private async Task<SinkResult> WithinLimitAsync(RoutedEvent routed, CancellationToken cancel)
    {
        var parent = routed.Envelope.Text("traceparent") ?? routed.Envelope.Text("traceid");
        using var span = app.Start($"pubsub/{subscription.Topic}", ActivityKind.Consumer, parent, routed.Envelope.Text("tracestate"));
        if (span is not null)
        {
            routed = routed with { Span = span.Context(new TraceContext("", routed.Envelope.Text("tracestate"))) };
        }
        if (pubsub.ProcessingTimeout is not { } limit)
        {
            return await sink.DeliverAsync(subscription, routed, cancel);
        }
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(limit);
        try
        {
            return await sink.DeliverAsync(subscription, routed, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new SinkResult(SinkStatus.Retry, Problem: $"the app did not answer within processingTimeout {limit}");
        }
    }

    private RoutedEvent? Read(PubSubMessage message, out string problem)
    {
        try
        {
            problem = "";
            var envelope = Envelopes.Read(message, subscription, raw);
            var path = subscription.Route(envelope.Attributes);
            return new RoutedEvent(envelope, raw ? envelope.ToBytes() : message.Data, path ?? "", message.Metadata) { Matched = path is not null };
        }
        catch (Exception e) when (e is FormatException or Routing.CelException)
        {
            problem = e is FormatException ? $"not a CloudEvent: {e.Message}" : $"a routing rule failed: {e.Message}";
            return null;
        }
    }

    private HandlerOutcome PutBack(string problem)
    {
        log.LogInformation("{App}: {PubSub}/{Topic}: put back, {Problem}", app.AppId, subscription.PubSub, subscription.Topic, problem);
        return HandlerOutcome.PutBack;
    }

    private async Task<HandlerOutcome> DropAsync(PubSubMessage message, string reason, CancellationToken cancel)
    {
        log.LogWarning("{App}: {PubSub}/{Topic}: dropped, {Reason}", app.AppId, subscription.PubSub, subscription.Topic, reason);
        return subscription.DeadLetterTopic is null || await DeadLetterAsync([message], cancel) ? HandlerOutcome.Ack : HandlerOutcome.Keep;
    }

    private async Task<HandlerOutcome> FailAsync(PubSubMessage message, string problem, CancellationToken cancel)
    {
        log.LogWarning("{App}: {PubSub}/{Topic}: failed, {Problem}", app.AppId, subscription.PubSub, subscription.Topic, problem);
        return subscription.DeadLetterTopic is null ? HandlerOutcome.Retry : await DeadLetterAsync([message], cancel) ? HandlerOutcome.Ack : HandlerOutcome.Keep;
    }

    /// <summary>Publishes the bytes as they are. Only after that is the message acknowledged: a crash in between repeats it and loses nothing.</summary>
    public async Task<bool> DeadLetterAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(DeadLetterLimit);
        try
        {
            var target = Publisher.Target(app, subscription.PubSub, subscription.DeadLetterTopic!, PubSubMessage.NoMetadata);
            await publisher.PublishAsync(target, messages, limit.Token);
            return true;
        }
        catch (Exception e) when (e is DaprException or OperationCanceledException)
        {
            log.LogError("{App}: {PubSub}/{Topic}: could not send to dead letter topic {DeadLetter}: {Problem}",
                app.AppId, subscription.PubSub, subscription.Topic, subscription.DeadLetterTopic, e.Message);
            return false;
        }
    }

    /// <summary>
    /// When the subscription stops, a running attempt may end in its own time, but nothing waits for another one: the app that
    /// goes away must not use up the attempts of its messages.
    /// </summary>
    private sealed class Attempts : IDisposable
    {
        private readonly Lock gate = new();
        private readonly Delivery delivery;
        private readonly CancellationTokenSource waiting;
        private readonly CancellationTokenRegistration stopping;
        private bool running;

        public Attempts(Delivery delivery)
        {
            this.delivery = delivery;
            waiting = CancellationTokenSource.CreateLinkedTokenSource(delivery.Abort);
            stopping = delivery.Stopping.Register(EndWaiting);
        }

        public CancellationToken Token => waiting.Token;

        public bool Interrupted => delivery.Stopping.IsCancellationRequested || delivery.Abort.IsCancellationRequested;

        public async Task<SinkResult> RunAsync(Func<CancellationToken, Task<SinkResult>> attempt, CancellationToken cancel)
        {
            lock (gate)
            {
                cancel.ThrowIfCancellationRequested();
                running = true;
            }
            try
            {
                return await attempt(cancel);
            }
            finally
            {
                lock (gate)
                {
                    running = false;
                }
                if (delivery.Stopping.IsCancellationRequested)
                {
                    EndWaiting();
                }
            }
        }

        public void Dispose()
        {
            stopping.Dispose();
            waiting.Dispose();
        }

        private void EndWaiting()
        {
            lock (gate)
            {
                if (running)
                {
                    return;
                }
            }
            waiting.Cancel();
        }
    }
}

/// <summary>From a component's message to the envelope that routing looks at.</summary>
internal static class Envelopes
{
    /// <summary>Throws <see cref="FormatException"/> when the message is not a CloudEvent and the subscription not raw.</summary>
    public static CloudEventEnvelope Read(PubSubMessage message, Subscription subscription, bool raw)
    {
        if (raw)
        {
            return CloudEventEnvelope.Raw(message.Data, subscription.Topic, subscription.PubSub, message.Metadata);
        }
        var contentType = message.ContentType ?? message.Metadata.GetValueOrDefault("content-type");
        return ContentTypes.IsBinary(contentType)
            ? CloudEventEnvelope.FromBinaryMode(message.Data, contentType!, message.Metadata)
            : CloudEventEnvelope.Read(message.Data, message.Metadata);
    }
}
