using System.Collections.Concurrent;
using System.Threading.Channels;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// A push consumer and what it pushes. The server forgets an ephemeral consumer when it is out of reach for some seconds, and gives a durable one to whoever asks for
/// it last: both is looked after, so that a subscription that runs also receives.
/// </summary>
internal sealed class JetStreamSubscription : ITopicSubscription
{
    private static readonly TimeSpan PutBackDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly JetStreamOptions options;
    private readonly JetStreamLink link;
    private readonly TopicConsumer wanted;
    private readonly Action ended;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly HandlerPool pool;
    private readonly string? durable;
    private readonly ConcurrentDictionary<ulong, Held> held = new();
    private readonly Channel<Held> waiting = Channel.CreateUnbounded<Held>();
    private Task running = Task.CompletedTask;
    private ulong nextSequence;
    private int disposed;

    private JetStreamSubscription(
        JetStreamOptions options, JetStreamLink link, TopicConsumer wanted, MessageHandler handle, Action ended, TimeProvider time, ILogger log)
    {
        (this.options, this.link, this.wanted, this.ended, this.time, this.log) = (options, link, wanted, ended, time, log);
        durable = options.Durable(wanted.Topic);
        pool = new HandlerPool(handle, options.Parallelism(wanted), log);
    }

    /// <summary>Returns when the consumer is there. Throws when the server cannot be reached or refuses it.</summary>
    public static async Task<JetStreamSubscription> StartAsync(
        JetStreamOptions options, JetStreamLink link, TopicConsumer wanted, MessageHandler handle, Action ended, TimeProvider time, ILogger log, CancellationToken cancel)
    {
        var subscription = new JetStreamSubscription(options, link, wanted, handle, ended, time, log);
        try
        {
            var jetStream = await link.OpenAsync(cancel);
            var consumer = await subscription.CreateAsync(jetStream, cancel);
            subscription.running = Task.Run(() => subscription.RunAsync(jetStream, consumer), CancellationToken.None);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    public async Task StopAsync(CancellationToken grace)
    {
        var ending = pool.StopAsync(grace);
        await running;
        await ending;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            await StopAsync(new CancellationToken(canceled: true));
            await pool.DisposeAsync();
        }
    }

    private async Task RunAsync(NatsJSContext jetStream, INatsJSConsumer? consumer)
    {
        var pumping = PumpAsync();
        while (consumer is not null)
        {
            await ConsumeAsync(jetStream, consumer);
            consumer = await BeginAgainAsync(jetStream);
        }
        waiting.Writer.TryComplete();
        await pumping;
        ended();
    }

    private async Task<INatsJSConsumer?> BeginAgainAsync(NatsJSContext jetStream)
    {
        while (!pool.Stopping.IsCancellationRequested)
        {
            try
            {
                log.LogWarning("{PubSub}: the consumer of topic {Topic} is gone, it begins again", options.Component, wanted.Topic);
                link.Forget(wanted.Topic);
                return await CreateAsync(jetStream, pool.Stopping);
            }
            catch (Exception e) when (!pool.Stopping.IsCancellationRequested)
            {
                log.LogWarning("{PubSub}: topic {Topic} could not be consumed, it is tried again: {Problem}", options.Component, wanted.Topic, e.Message);
            }
            catch (Exception)
            {
                // Whoever stops does not ask why it could not begin.
                return null;
            }
            await Task.Delay(CheckInterval, time, pool.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        return null;
    }

    private async Task<INatsJSConsumer> CreateAsync(NatsJSContext jetStream, CancellationToken cancel)
    {
        var stream = await link.StreamAsync(jetStream, wanted.Topic, cancel);
        var existing = durable is null ? null : await FindAsync(jetStream, stream, durable, cancel);
        if (existing is not null && existing.FilterSubject != wanted.Topic)
        {
            throw new InvalidOperationException($"the durable consumer {durable} of stream {stream} is for the subject {existing.FilterSubject}; write {{topic}} in durableName to give each topic its own");
        }
        var config = Config(jetStream);
        if (existing?.DeliverSubject is { } subject && options.QueueGroupName is not null && existing.DeliverGroup == options.QueueGroupName)
        {
            // The others of the group listen there.
            config.DeliverSubject = subject;
        }
        var created = await jetStream.CreateOrUpdateConsumerAsync(stream, config, cancel);
        return await jetStream.GetPushConsumerAsync(stream, created.Info.Name!, cancel);
    }

    private static async Task<ConsumerConfig?> FindAsync(NatsJSContext jetStream, string stream, string name, CancellationToken cancel)
    {
        try
        {
            return (await jetStream.GetPushConsumerAsync(stream, name, cancel)).Info.Config;
        }
        catch (NatsJSApiException e) when (e.Error.Code == 404)
        {
            return null;
        }
    }

    private ConsumerConfig Config(NatsJSContext jetStream)
    {
        var config = new ConsumerConfig
        {
            DeliverSubject = jetStream.NewBaseInbox(),
            DeliverGroup = options.QueueGroupName,
            DurableName = durable,
            FilterSubject = wanted.Topic,
            DeliverPolicy = options.DeliverPolicy,
            AckPolicy = options.AckPolicy,
            FlowControl = options.FlowControl,
        };
        if (durable is not null)
            config.Name = durable;
        if (options.StartTime is { } start)
            config.OptStartTime = start;
        if (options.StartSequence > 0)
            config.OptStartSeq = options.StartSequence;
        if (durable is null && nextSequence > 0)
        {
            // Where the forgotten one was.
            (config.DeliverPolicy, config.OptStartTime, config.OptStartSeq) = (ConsumerConfigDeliverPolicy.ByStartSequence, default, held.Keys.DefaultIfEmpty(nextSequence).Min());
        }
        if (options.AckWait > TimeSpan.Zero)
            config.AckWait = options.AckWait;
        if (options.MaxDeliver != 0)
            config.MaxDeliver = options.MaxDeliver;
        if (options.BackOff.Count > 0)
            config.Backoff = [.. options.BackOff];
        if (options.MaxAckPending != 0)
            config.MaxAckPending = options.MaxAckPending;
        if (options.Replicas != 0)
            config.NumReplicas = options.Replicas;
        if (options.MemoryStorage)
            config.MemStorage = true;
        if (options.RateLimit != 0)
            config.RateLimitBps = options.RateLimit;
        if (options.Heartbeat > TimeSpan.Zero)
            config.IdleHeartbeat = options.Heartbeat;
        return config;
    }

    /// <summary>Until the consumer is gone or the subscription stops.</summary>
    private async Task ConsumeAsync(NatsJSContext jetStream, INatsJSConsumer consumer)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(pool.Stopping);
        var watching = WatchAsync(jetStream, consumer, end);
        try
        {
            await foreach (var message in consumer.ConsumeAsync(NatsRawSerializer<byte[]>.Default, cancellationToken: end.Token))
            {
                var sequence = message.Metadata?.Sequence.Stream ?? 0;
                if (held.TryGetValue(sequence, out var known))
                {
                    // Delivered again while it waits here: one of them is enough, and the newest is to be answered.
                    known.Message = message;
                    continue;
                }
                var one = new Held(message, sequence);
                held[sequence] = one;
                nextSequence = Math.Max(nextSequence, sequence + 1);
                waiting.Writer.TryWrite(one);
            }
        }
        catch (OperationCanceledException)
        {
            // The subscription stops, or the consumer is gone.
        }
        catch (Exception e) when (e is NatsException or NatsJSException)
        {
            log.LogWarning("{PubSub}: consuming topic {Topic} broke off: {Problem}", options.Component, wanted.Topic, e.Message);
        }
        await end.CancelAsync();
        await watching;
    }

    /// <summary>Those that nobody has begun when the subscription stops go back at once; the server would else wait for them.</summary>
    private async Task PumpAsync()
    {
        await foreach (var one in waiting.Reader.ReadAllAsync())
        {
            try
            {
                await pool.StartAsync(new PubSubMessage(one.Message.Data ?? [], null, new Dictionary<string, string> { ["Topic"] = one.Message.Subject }),
                    outcome => SettleAsync(one, outcome), CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                await SettleAsync(one, HandlerOutcome.PutBack);
            }
        }
    }

    /// <summary>
    /// Asks from time to time whether the consumer is still there and still ours, and tells the server that its messages are still in hand: one that the delivery policy
    /// tries again for longer than ackWait is not to go to another host meanwhile.
    /// </summary>
    private async Task WatchAsync(NatsJSContext jetStream, INatsJSConsumer consumer, CancellationTokenSource end)
    {
        var subject = consumer.Info.Config.DeliverSubject;
        var patience = (consumer.Info.Config.Backoff?.FirstOrDefault() is { } first && first > TimeSpan.Zero ? first : consumer.Info.Config.AckWait) / 3;
        var lastProgress = time.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(patience > TimeSpan.Zero && patience < CheckInterval ? patience : CheckInterval, time, end.Token);
                if (options.AckPolicy != ConsumerConfigAckPolicy.None && time.GetElapsedTime(lastProgress) >= patience)
                {
                    lastProgress = time.GetTimestamp();
                    foreach (var one in held.Values)
                        await one.Message.AckProgressAsync(cancellationToken: end.Token);
                }
                await consumer.RefreshAsync(end.Token);
                if (consumer.Info.Config.DeliverSubject != subject && (options.QueueGroupName is not null || !consumer.Info.PushBound))
                {
                    await end.CancelAsync();
                }
            }
            catch (NatsJSApiException e) when (e.Error.Code == 404)
            {
                await end.CancelAsync();
            }
            catch (Exception e) when (e is NatsException or NatsJSException or TimeoutException)
            {
                log.LogDebug("{PubSub}: the consumer of topic {Topic} could not be looked at: {Problem}", options.Component, wanted.Topic, e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SettleAsync(Held one, HandlerOutcome outcome)
    {
        if (outcome == HandlerOutcome.Keep && !pool.Stopping.IsCancellationRequested)
        {
            // Not given back: the server gives up on a message after maxDeliver, and this one must not be lost. It stays in hand and is tried again here.
            _ = TakeAgainAsync(one);
            return;
        }
        held.TryRemove(one.Sequence, out _);
        if (options.AckPolicy == ConsumerConfigAckPolicy.None)
        {
            return;
        }
        try
        {
            switch (outcome)
            {
                case HandlerOutcome.Ack:
                    await one.Message.AckAsync();
                    break;
                case HandlerOutcome.Retry:
                    await one.Message.NakAsync(options.AckWait > TimeSpan.Zero ? new AckOpts { NakDelay = options.AckWait } : null);
                    break;
                default:
                    await one.Message.NakAsync(new AckOpts { NakDelay = pool.Stopping.IsCancellationRequested ? TimeSpan.FromMilliseconds(1) : PutBackDelay });
                    break;
            }
        }
        catch (Exception e) when (e is NatsException or NatsJSException or ObjectDisposedException)
        {
            log.LogWarning("{PubSub}: a message of topic {Topic} was handled when the connection was gone; it will be delivered again: {Problem}",
                options.Component, wanted.Topic, e.Message);
        }
    }

    private async Task TakeAgainAsync(Held one)
    {
        var wait = one.Retry;
        one.Retry = wait * 2 < LongestRetry ? wait * 2 : LongestRetry;
        await Task.Delay(wait, time, pool.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        if (!waiting.Writer.TryWrite(one))
            await SettleAsync(one, HandlerOutcome.PutBack);
    }

    /// <summary>A message that the server counts as delivered and waits for.</summary>
    private sealed class Held(INatsJSMsg<byte[]> message, ulong sequence)
    {
        /// <summary>How long to wait before it is tried again here.</summary>
        public TimeSpan Retry { get; set; } = FirstRetry;

        public INatsJSMsg<byte[]> Message { get; set; } = message;

        public ulong Sequence => sequence;
    }
}
