using MQTTnet;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// The session of one consumer id at the broker and the subscriptions that run in it. While none runs it is not connected, and the broker keeps what comes. What the broker
/// sends before its subscription is there (it remembers those of an earlier connection) waits for it, unacknowledged.
/// </summary>
internal sealed class MqttSession : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    private readonly MqttOptions options;
    private readonly ILogger log;
    private readonly MqttLink link;
    private readonly Lock gate = new();
    private readonly List<MqttSubscription> subscriptions = [];
    private readonly List<MqttMessage> early = [];

    public MqttSession(MqttOptions options, string consumerId, TimeProvider time, ILogger log)
    {
        (this.options, this.log) = (options, log);
        link = new MqttLink(options, consumerId, options.CleanSession, Received, Begin, ConnectedAsync, time, log);
    }

    /// <summary>Counted by the component: the session ends with its last subscription.</summary>
    public int Users { get; set; }

    /// <summary>Throws when the broker cannot be reached or refuses the subscription.</summary>
    public async Task AddAsync(MqttSubscription subscription, CancellationToken cancel)
    {
        var client = await link.OpenAsync(ConnectLimit, cancel);
        lock (gate)
        {
            subscriptions.Add(subscription);
            foreach (var message in early.Where(message => subscription.Covers(message.Topic)).ToList())
            {
                early.Remove(message);
                subscription.Take(message);
            }
        }
        try
        {
            await SubscribeAsync(client, subscription.Topic, cancel);
        }
        catch
        {
            Forget(subscription);
            throw;
        }
    }

    /// <summary>The broker goes on collecting for the session, unless that is not wanted.</summary>
    public async Task RemoveAsync(MqttSubscription subscription)
    {
        Forget(subscription);
        if (!options.CleanSession && !subscription.UnsubscribeOnClose)
            return;
        try
        {
            await (await link.OpenAsync(ConnectLimit, CancellationToken.None)).UnsubscribeAsync(subscription.Topic, CancellationToken.None);
        }
        catch (Exception e) when (MqttLink.IsTrouble(e))
        {
            log.LogWarning("{PubSub}: could not unsubscribe from {Topic}: {Problem}", options.Name, subscription.Topic, e.Message);
        }
    }

    public ValueTask DisposeAsync() => link.DisposeAsync();

    private void Forget(MqttSubscription subscription)
    {
        lock (gate)
        {
            subscriptions.Remove(subscription);
        }
    }

    private void Received(MqttApplicationMessageReceivedEventArgs received)
    {
        var message = new MqttMessage(received, link);
        var topic = message.Topic;
        lock (gate)
        {
            if ((subscriptions.Find(one => one.Topic == topic) ?? subscriptions.Find(one => one.Covers(topic))) is { } subscription)
            {
                subscription.Take(message);
                return;
            }
            early.Add(message);
        }
        log.LogWarning("{PubSub}: a message of topic {Topic}, which nobody here subscribes to, waits for a subscriber", options.Name, topic);
    }

    /// <summary>The broker sends again what was not acknowledged, and may have lost the session.</summary>
    private async Task ConnectedAsync(IMqttClient client, CancellationToken cancel)
    {
        List<MqttSubscription> all;
        lock (gate)
        {
            all = [.. subscriptions];
        }
        foreach (var subscription in all)
        {
            await SubscribeAsync(client, subscription.Topic, cancel);
        }
    }

    /// <summary>What the last connection brought early comes again.</summary>
    private void Begin()
    {
        lock (gate)
        {
            early.Clear();
        }
    }

    private async Task SubscribeAsync(IMqttClient client, string topic, CancellationToken cancel)
    {
        var result = await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(topic, options.Qos).Build(), cancel);
        if (result.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
            throw new InvalidOperationException($"the MQTT broker refuses the subscription to {topic}: {refused.ResultCode}");
    }
}
