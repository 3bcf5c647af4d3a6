using System.Security.Cryptography;
using MQTTnet;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// pubsub.mqtt3: MQTT 3.1.1 as daprd speaks it. Each consumer id is a client with a session of its own; publishing has one more client, as many apps share the component here.
/// With qos 1 or 2 a publish returns when the broker has taken the message over, which is as safe as the broker makes it.
/// </summary>
internal sealed class PubSubMqtt3 : IPubSub, IServerComponent, IAsyncDisposable
{
    public static readonly ComponentType Type = new("pubsub.mqtt3", [.. MqttOptions.Keys, .. TopicScopeKeys.All], (spec, services, _) => Task.FromResult<object>(
        new PubSubMqtt3(MqttOptions.Read(spec), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<PubSubMqtt3>>())));

    // As daprd's.
    private static readonly TimeSpan PublishLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(50);

    private readonly MqttOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly MqttLink publishing;
    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, MqttSession> sessions = [];

    public PubSubMqtt3(MqttOptions options, TimeProvider time, ILogger log)
    {
        (this.options, this.time, this.log) = (options, time, log);
        publishing = new MqttLink(options, $"publisher-{RandomNumberGenerator.GetHexString(12, lowercase: true)}", cleanSession: true, null, null, (_, _) => Task.CompletedTask, time, log);
    }

    public IReadOnlyList<string> Features { get; } = ["SUBSCRIBE_WILDCARDS"];

    public string? NotReady => publishing.NotReady;

    public async Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        if (topic.AsSpan().ContainsAny('+', '#', '\0'))
            throw new ArgumentException($"MQTT cannot publish to {topic}: + and # are for subscriptions");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(PublishLimit);
        await PartlyPublishedException.PublishEachAsync(messages, message => PublishAsync(topic, message, limit.Token, cancel));
    }

    public async Task<ITopicSubscription> SubscribeAsync(TopicConsumer consumer, MessageHandler handle, CancellationToken cancel)
    {
        var session = await SessionAsync(consumer.ConsumerId, cancel);
        var subscription = new MqttSubscription(options.Name, consumer, handle, async ended =>
        {
            await session.RemoveAsync(ended);
            await ReleaseAsync(consumer.ConsumerId, session);
        }, time, log);
        try
        {
            await session.AddAsync(subscription, cancel);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await publishing.DisposeAsync();
        foreach (var session in sessions.Values)
        {
            await session.DisposeAsync();
        }
        gate.Dispose();
    }

    private async Task<MqttSession> SessionAsync(string consumerId, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (!sessions.TryGetValue(consumerId, out var session))
            {
                sessions[consumerId] = session = new MqttSession(options, consumerId, time, log);
            }
            session.Users++;
            return session;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task ReleaseAsync(string consumerId, MqttSession session)
    {
        await gate.WaitAsync();
        try
        {
            if (--session.Users == 0)
            {
                sessions.Remove(consumerId);
                await session.DisposeAsync();
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task PublishAsync(string topic, PubSubMessage message, CancellationToken limit, CancellationToken cancel)
    {
        var packet = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(message.Data.ToArray()).WithQualityOfServiceLevel(options.Qos).WithRetainFlag(Retain(message)).Build();
        for (var problem = ""; ;)
        {
            try
            {
                var result = await (await publishing.OpenAsync(PublishLimit, limit)).PublishAsync(packet, limit);
                if (result.IsSuccess)
                    return;
                throw new IOException($"the MQTT broker refuses the message: {result.ReasonCode}");
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                throw new TimeoutException($"failed to publish within {PublishLimit.TotalSeconds} s: {(problem.Length > 0 ? problem : publishing.NotReady ?? "the broker does not answer")}");
            }
            catch (Exception e) when (MqttLink.IsTrouble(e) && !limit.IsCancellationRequested)
            {
                // The connection broke under it: whether the broker has it is not known.
                problem = e.Message;
                await Task.Delay(RetryWait, limit);
            }
        }
    }

    private bool Retain(PubSubMessage message) => message.Metadata.GetValueOrDefault("retain") switch
    {
        null or "" => options.Retain,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        var other => throw new ArgumentException($"mqtt invalid retain {other}"),
    };
}
