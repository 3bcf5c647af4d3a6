using System.Threading.Channels;
using MQTTnet;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// A topic of a session. MQTT 3 has no way to refuse a message: what failed stays unacknowledged, which the broker answers by sending it again in the next connection.
/// Until then it is tried again here, with growing waits.
/// </summary>
internal sealed class MqttSubscription : ITopicSubscription
{
    private const string Share = "$share/";

    // More than a broker has in flight for one session, usually 20.
    private const int Parallel = 100;
    private static readonly TimeSpan PutBackDelay = TimeSpan.FromMilliseconds(250);

    private readonly string component;
    private readonly string filter;
    private readonly Func<MqttSubscription, Task> ended;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly HandlerPool pool;
    private readonly Channel<MqttMessage> waiting = Channel.CreateUnbounded<MqttMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task running;
    private int stops;

    public MqttSubscription(string component, TopicConsumer wanted, MessageHandler handle, Func<MqttSubscription, Task> ended, TimeProvider time, ILogger log)
    {
        (this.component, Topic, this.ended, this.time, this.log) = (component, wanted.Topic, ended, time, log);
        UnsubscribeOnClose = Truth.Parse(wanted.Metadata.GetValueOrDefault("unsubscribeOnClose"));
        filter = Topic.StartsWith(Share, StringComparison.Ordinal) && Topic.IndexOf('/', Share.Length) is > 0 and var slash ? Topic[(slash + 1)..] : Topic;
        pool = new HandlerPool(handle, Math.Max(Parallel, wanted.Parallelism ?? 0), log);
        running = Task.Run(PumpAsync);
    }

    /// <summary>As subscribed, with wildcards and share.</summary>
    public string Topic { get; }

    public bool UnsubscribeOnClose { get; }

    public bool Covers(string topic) => topic == filter || MqttTopicFilterComparer.Compare(topic, filter) == MqttTopicFilterCompareResult.IsMatch;

    public void Take(MqttMessage message) => waiting.Writer.TryWrite(message);

    public async Task StopAsync(CancellationToken grace)
    {
        var first = Interlocked.Increment(ref stops) == 1;
        await pool.StopAsync(grace);
        waiting.Writer.TryComplete();
        await running;
        if (first)
        {
            await ended(this);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await pool.DisposeAsync();
    }

    private async Task PumpAsync()
    {
        await foreach (var one in waiting.Reader.ReadAllAsync())
        {
            try
            {
                await pool.StartAsync(new PubSubMessage(one.Payload, null, new Dictionary<string, string> { ["retained"] = one.Retained ? "true" : "false" }),
                    outcome => SettleAsync(one, outcome), CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                // Stopping: the broker keeps it.
            }
        }
    }

    private async Task SettleAsync(MqttMessage one, HandlerOutcome outcome)
    {
        if (outcome != HandlerOutcome.Ack)
        {
            _ = TakeAgainAsync(one, outcome == HandlerOutcome.PutBack ? PutBackDelay : one.NextRetry());
            return;
        }
        if (!await one.AcknowledgeAsync())
        {
            log.LogWarning("{PubSub}: a message of topic {Topic} was handled when its connection was gone; it will be delivered again", component, Topic);
        }
    }

    private async Task TakeAgainAsync(MqttMessage one, TimeSpan wait)
    {
        await Task.Delay(wait, time, pool.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
        waiting.Writer.TryWrite(one);
    }
}
