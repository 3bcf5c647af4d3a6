using System.Globalization;
using System.Text;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>A consumer on its queue, over a channel of its own. When the channel, the queue or the connection goes, everything is declared and consumed anew.</summary>
internal sealed class RabbitMqSubscription : ITopicSubscription
{
    // daprd has no limit but prefetchCount; this one keeps a long queue from becoming as many connections to the app.
    private const int Parallel = 100;
    private static readonly TimeSpan FirstConnection = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PutBackDelay = TimeSpan.FromMilliseconds(250);

    private readonly RabbitMqOptions options;
    private readonly RabbitMqLink link;
    private readonly TopicConsumer wanted;
    private readonly RabbitMqTopology topology;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly HandlerPool pool;
    private Task running = Task.CompletedTask;
    private int disposed;

    private RabbitMqSubscription(RabbitMqOptions options, RabbitMqLink link, TopicConsumer wanted, MessageHandler handle, TimeProvider time, ILogger log)
    {
        (this.options, this.link, this.wanted, this.time, this.log) = (options, link, wanted, time, log);
        topology = new RabbitMqTopology(options, wanted);
        pool = new HandlerPool(handle, options.Single ? 1 : Math.Max(Parallel, wanted.Parallelism ?? 0), log);
    }

    /// <summary>Returns when the queue is there and consumed. Throws when the broker cannot be reached or refuses it.</summary>
    public static async Task<RabbitMqSubscription> StartAsync(
        RabbitMqOptions options, RabbitMqLink link, TopicConsumer wanted, MessageHandler handle, TimeProvider time, ILogger log, CancellationToken cancel)
    {
        var subscription = new RabbitMqSubscription(options, link, wanted, handle, time, log);
        try
        {
            var consumer = await subscription.ConsumeAsync(await link.OpenAsync(FirstConnection, cancel), cancel);
            subscription.running = Task.Run(() => subscription.RunAsync(consumer), CancellationToken.None);
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

    private async Task RunAsync(Consumer? consumer)
    {
        while (true)
        {
            if (consumer is not null)
            {
                await PumpAsync(consumer);
            }
            if (pool.Stopping.IsCancellationRequested)
            {
                return;
            }
            log.LogWarning("{PubSub}: the consumer of queue {Queue} is gone, it begins again", options.Name, topology.Queue);
            consumer = await BeginAgainAsync();
        }
    }

    /// <summary>Null when the subscription stops meanwhile.</summary>
    private async Task<Consumer?> BeginAgainAsync()
    {
        while (!pool.Stopping.IsCancellationRequested)
        {
            try
            {
                return await ConsumeAsync(await link.OpenAsync(pool.Stopping), pool.Stopping);
            }
            catch (Exception e) when (!pool.Stopping.IsCancellationRequested)
            {
                log.LogWarning("{PubSub}: queue {Queue} could not be consumed, it is tried again: {Problem}", options.Name, topology.Queue, e.Message);
            }
            catch (Exception)
            {
                // Whoever stops does not ask why it could not begin.
                return null;
            }
            await Task.Delay(options.ReconnectWait, time, pool.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        return null;
    }

    private async Task<Consumer> ConsumeAsync(IConnection connection, CancellationToken cancel)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            await topology.DeclareAsync(channel, cancel);
            if (options.PrefetchCount > 0)
            {
                await channel.BasicQosAsync(0, options.PrefetchCount, global: false, cancel);
            }
            var consumer = new Consumer(channel, topology.ConsumerTag()) { PropertiesToMetadata = options.PropertiesToMetadata };
            await channel.BasicConsumeAsync(topology.Queue, options.AutoAck, consumer.Tag, noLocal: false, exclusive: false, arguments: null, consumer, cancel);
            return consumer;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Until nothing more comes or the subscription stops. The channel closes when the last handler is done with its messages.</summary>
    private async Task PumpAsync(Consumer consumer)
    {
        try
        {
            await foreach (var incoming in consumer.Messages.ReadAllAsync(pool.Stopping))
            {
                if (!consumer.Channel.IsOpen)
                {
                    // The broker will deliver it again.
                    break;
                }
                await pool.StartAsync(incoming.Message, outcome => SettleAsync(consumer.Channel, incoming.Tag, outcome), CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // The subscription stops.
        }
        if (pool.Stopping.IsCancellationRequested)
        {
            await CancelAsync(consumer);
            await pool.Ended;
        }
        await consumer.Channel.DisposeAsync();
    }

    private async Task CancelAsync(Consumer consumer)
    {
        try
        {
            await consumer.Channel.BasicCancelAsync(consumer.Tag);
        }
        catch (Exception e) when (e is OperationInterruptedException or ObjectDisposedException)
        {
            log.LogDebug("{PubSub}: the consumer of queue {Queue} was gone already: {Problem}", options.Name, topology.Queue, e.Message);
        }
    }

    private async Task SettleAsync(IChannel channel, ulong tag, HandlerOutcome outcome)
    {
        if (options.AutoAck)
        {
            return;
        }
        try
        {
            switch (outcome)
            {
                case HandlerOutcome.Ack:
                    await channel.BasicAckAsync(tag, multiple: false);
                    break;
                case HandlerOutcome.Retry:
                    await channel.BasicNackAsync(tag, multiple: false, options.RequeueInFailure);
                    break;
                default:
                    // Others may take it meanwhile; without the wait it would run in circles.
                    await Task.Delay(PutBackDelay, time, pool.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
                    await channel.BasicNackAsync(tag, multiple: false, requeue: true);
                    break;
            }
        }
        catch (Exception e) when (e is OperationInterruptedException or ObjectDisposedException)
        {
            log.LogWarning("{PubSub}: a message of queue {Queue} was handled when the connection was gone; it will be delivered again", options.Name, topology.Queue);
        }
    }

    private sealed record Incoming(ulong Tag, PubSubMessage Message);

    /// <summary>Takes what the broker sends out of the connection's hands at once, so that a slow app never holds up the connection.</summary>
    private sealed class Consumer(IChannel channel, string tag) : AsyncDefaultBasicConsumer(channel)
    {
        private readonly Channel<Incoming> messages = System.Threading.Channels.Channel.CreateUnbounded<Incoming>(new UnboundedChannelOptions { SingleReader = true });

        public string Tag => tag;

        public ChannelReader<Incoming> Messages => messages.Reader;

        public bool PropertiesToMetadata { get; init; }

        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            // The memory is the library's own and used again.
            messages.Writer.TryWrite(new Incoming(deliveryTag, new PubSubMessage(body.ToArray(), null, PropertiesToMetadata ? Metadata(properties) : PubSubMessage.NoMetadata)));
            return Task.CompletedTask;
        }

        protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
        {
            messages.Writer.TryComplete();
            return base.OnCancelAsync(consumerTags, cancellationToken);
        }

        private static Dictionary<string, string> Metadata(IReadOnlyBasicProperties properties)
        {
            var metadata = new Dictionary<string, string>();
            void Add(string key, string? value)
            {
                if (!string.IsNullOrEmpty(value))
                    metadata[$"metadata.{key}"] = value;
            }
            Add("messageid", properties.MessageId);
            Add("correlationid", properties.CorrelationId);
            Add("type", properties.Type);
            Add("contenttype", properties.ContentType);
            foreach (var (name, value) in properties.Headers ?? new Dictionary<string, object?>())
            {
                if (value is not null)
                    metadata[$"metadata.{name}"] = value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            }
            return metadata;
        }
    }
}
