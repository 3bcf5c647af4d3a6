using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.PubSub;

/// <summary>What a publish call named, checked: the component is there, the topic is not empty, the metadata makes sense.</summary>
/// <param name="App">The publishing app.</param>
/// <param name="Component">Name and type as configured.</param>
/// <param name="PubSub">The component.</param>
/// <param name="Topic">Never empty.</param>
/// <param name="RawPayload">Publish the bytes without an envelope.</param>
/// <param name="Metadata">Of the request.</param>
internal sealed record PublishTarget(
    AppRuntime App, ComponentSpec Component, IPubSub PubSub, string Topic, bool RawPayload, IReadOnlyDictionary<string, string> Metadata);

/// <summary>The way of every message into a component: envelope, topic scopes, outbound resiliency. HTTP, gRPC and dead letters meet here.</summary>
internal sealed class Publisher(IResiliency resiliency, SidecarMetrics metrics, TimeProvider time)
{
    private const string RawPayloadKey = "rawPayload";

    /// <summary>Throws Dapr's answer when the target cannot be published to.</summary>
    public static PublishTarget Target(AppRuntime app, string pubsub, string topic, IReadOnlyDictionary<string, string> metadata)
    {
        if (pubsub.Length == 0)
        {
            throw PubSubErrors.NameEmpty(metadata);
        }
        if (app.Components.Find<IPubSub>(pubsub) is not var (spec, component))
        {
            throw PubSubErrors.NotFound(pubsub, metadata);
        }
        if (topic.Length == 0)
        {
            throw PubSubErrors.TopicEmpty(pubsub, metadata);
        }
        return new PublishTarget(app, spec, component, topic, IsRawPayload(metadata, out var problem) ?? throw PubSubErrors.Metadata(pubsub, problem, metadata), metadata);
    }

    /// <summary>Null with a problem when the value is not a boolean. The key's case counts, as in Dapr.</summary>
    public static bool? IsRawPayload(IReadOnlyDictionary<string, string> metadata, out string problem)
    {
        problem = "";
        var text = metadata.GetValueOrDefault(RawPayloadKey) ?? "";
        switch (text)
        {
            case "1" or "t" or "T" or "true" or "TRUE" or "True":
                return true;
            case "" or "0" or "f" or "F" or "false" or "FALSE" or "False":
                return false;
            default:
                problem = $"{RawPayloadKey} value must be a valid boolean: actual is '{text}'";
                return null;
        }
    }

    /// <summary>The bytes that go to the component: an envelope, or the data itself for a raw payload. <paramref name="metadata"/> is the entry's own in a bulk.</summary>
    public ReadOnlyMemory<byte> Envelope(
        PublishTarget target, ReadOnlyMemory<byte> data, string? contentType, TraceContext trace, IReadOnlyDictionary<string, string> metadata)
    {
        if (target.RawPayload)
        {
            return data;
        }
        var now = time.GetUtcNow();
        CloudEventEnvelope envelope;
        try
        {
            envelope = ContentTypes.IsCloudEvent(contentType)
                ? CloudEventEnvelope.Complete(data, target.Topic, target.Component.Name, trace, now)
                : CloudEventEnvelope.Wrap(data, contentType, target.Topic, target.Component.Name, target.App.AppId, trace, metadata, now);
        }
        catch (FormatException e)
        {
            throw PubSubErrors.CloudEventCreation(target.Component.Name, target.App.AppId, e.Message);
        }
        if (!target.PubSub.Features.Contains("MESSAGE_TTL"))
        {
            envelope.ExpireAfter(metadata, now);
        }
        return envelope.ToBytes();
    }

    /// <summary>Publishes all messages or throws Dapr's answer.</summary>
    public async Task PublishAsync(PublishTarget target, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        if (!TopicScopes.MayPublish(target.Component.Metadata, target.App.AppId, target.Topic))
        {
            throw PubSubErrors.Forbidden(target.Component.Name, target.Topic, target.App.AppId);
        }
        if (messages.Count == 0)
        {
            return;
        }
        var topic = BrokerTopic.Of(target.Component, target.App, target.Topic);
        IReadOnlyList<int> pending = [.. Enumerable.Range(0, messages.Count)];
        using var measured = metrics.Egress(target.App, target.Component.Name, target.Topic);
        try
        {
            await resiliency.ComponentOutbound(target.App.AppId, target.Component.Name, ResiliencyComponentType.Pubsub)
                .ExecuteAsync(async attempt =>
                {
                    try
                    {
                        await target.PubSub.PublishAsync(topic, pending.Count == messages.Count ? messages : [.. pending.Select(at => messages[at])], attempt);
                    }
                    catch (PartlyPublishedException partly)
                    {
                        // Another attempt is for the rest only.
                        pending = [.. partly.Failed.Select(at => pending[at])];
                        throw;
                    }
                }, cancel);
            measured.Succeeded();
        }
        catch (Exception e) when (e is not DaprException && !cancel.IsCancellationRequested)
        {
            throw PubSubErrors.PublishMessage(target.Component.Name, target.Topic, e.Message, pending.Count < messages.Count ? pending : null);
        }
    }
}
