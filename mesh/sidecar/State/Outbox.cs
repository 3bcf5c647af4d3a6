using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.State;

/// <summary>What a state component says of its outbox; null when it has none (wire: 6.5).</summary>
internal sealed record OutboxSettings(string PublishPubSub, string PublishTopic, string PubSub, bool DiscardWhenMissingState)
{
    public static OutboxSettings? Of(ComponentSpec component)
    {
        string Value(string key) => component.Metadata.GetValueOrDefault(key) ?? "";
        var (pubsub, topic) = (Value("outboxPublishPubsub"), Value("outboxPublishTopic"));
        return pubsub.Length == 0 || topic.Length == 0
            ? null : new OutboxSettings(pubsub, topic, Value("outboxPubsub") is { Length: > 0 } own ? own : pubsub, Truth.Parse(Value("outboxDiscardWhenMissingState")));
    }

    /// <summary>The topic on which an event waits until its transaction is known to be done.</summary>
    public string InternalTopic(AppRuntime app) => $"{app.Namespace}{app.AppId}{PublishTopic}outbox";
}

/// <summary>
/// The transactional outbox: before a transaction each value goes to an internal topic, and into the transaction goes a mark. Whoever reads the
/// topic publishes the event when the mark is there, and so only if the transaction was committed.
/// </summary>
internal static class Outbox
{
    private const string Projection = "outbox.projection";

    /// <summary>Publishes the events and gives back what is to be committed: without projections, with the marks. Throws ERR_PUBLISH_OUTBOX.</summary>
    public static async Task<(IReadOnlyList<(string Operation, StateRequest Request)> Operations, IReadOnlyList<string> Marks)> PublishAsync(
        AppRuntime app, OutboxSettings outbox, IReadOnlyList<(string Operation, StateRequest Request)> operations, Publisher publisher, TimeProvider time, CancellationToken cancel)
    {
        var projections = operations.Where(one => IsProjection(one.Request)).GroupBy(one => one.Request.Key).ToDictionary(same => same.Key, same => same.Last().Request);
        var kept = operations.Where(one => !IsProjection(one.Request)).ToList();
        var marks = new List<string>();
        try
        {
            foreach (var (operation, request) in kept)
            {
                if (operation != "upsert")
                    continue;
                var mark = $"outbox-{Guid.NewGuid()}";
                var target = Publisher.Target(app, outbox.PubSub, outbox.InternalTopic(app), PubSubMessage.NoMetadata);
                var data = Envelope(app, outbox, mark, request, projections.GetValueOrDefault(request.Key) ?? request, time);
                await publisher.PublishAsync(target, [new PubSubMessage(data, null, PubSubMessage.NoMetadata)], cancel);
                marks.Add(mark);
            }
        }
        catch (DaprException failure)
        {
            throw new DaprException("ERR_PUBLISH_OUTBOX", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"error while publishing outbox message: {failure.Message}")
            {
                Info = new DaprErrorInfo("DAPR_PUBSUB_OUTBOX", new Dictionary<string, string> { ["appID"] = app.AppId, ["error"] = failure.Message }),
            };
        }
        return (kept, marks);
    }

    private static bool IsProjection(StateRequest request) => Truth.Parse(request.Metadata.GetValueOrDefault(Projection));

    private static byte[] Envelope(AppRuntime app, OutboxSettings outbox, string id, StateRequest request, StateRequest payload, TimeProvider time)
    {
        var contentType = payload.Metadata.FirstOrDefault(item => item.Key.Equals("contentType", StringComparison.OrdinalIgnoreCase)).Value ?? "";
        var metadata = new Dictionary<string, string> { ["cloudevent.id"] = id };
        var envelope = (JsonObject)JsonNode.Parse(CloudEventEnvelope.Wrap(Data(payload, contentType), contentType, "", outbox.PubSub, app.AppId, Traces.OfRequest, metadata, time.GetUtcNow()).ToBytes())!;
        foreach (var (name, value) in request.Metadata)
        {
            if (name is not ("data" or "id" or Projection))
                envelope[name] = value;
        }
        return JsonSerializer.SerializeToUtf8Bytes(envelope);
    }

    /// <summary>A value that is not said to be JSON is a text: without its quotes.</summary>
    private static ReadOnlyMemory<byte> Data(StateRequest payload, string contentType)
    {
        if (!payload.IsText || contentType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return payload.Value;
        using var json = JsonDocument.Parse(payload.Value);
        return json.RootElement.ValueKind == JsonValueKind.String ? System.Text.Encoding.UTF8.GetBytes(json.RootElement.GetString()!) : payload.Value;
    }
}
