using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Tarasol.Sidecar.Invocation;

namespace Tarasol.Sidecar.PubSub;

/// <summary>One entry of a bulk delivery to a gRPC app.</summary>
/// <param name="Id">Names the entry in the answer.</param>
/// <param name="Message">As the component gave it.</param>
/// <param name="Envelope">Null for a raw subscription.</param>
internal sealed record BulkEntry(string Id, PubSubMessage Message, CloudEventEnvelope? Envelope);

/// <summary>OnBulkTopicEvent of a gRPC app, or its Alpha1 form where it has no other (wire: 6.4).</summary>
internal static class GrpcBulkEvents
{
    /// <summary>The app's verdict on each entry that it answered for. Throws <see cref="RpcException"/>.</summary>
    public static async Task<IReadOnlyDictionary<string, SinkResult>> DeliverAsync(
        GrpcAppChannel channel, Subscription subscription, string path, IReadOnlyList<BulkEntry> entries, CancellationToken cancel)
    {
        var request = new TopicEventBulkRequest
        {
            Id = Guid.NewGuid().ToString(),
            Type = "com.dapr.event.sent.bulk",
            Topic = subscription.Topic,
            PubsubName = subscription.PubSub,
            Path = path,
            Metadata = { ["pubsubName"] = subscription.PubSub },
            Entries = { entries.Select(entry => Entry(subscription, path, entry)) },
        };
        TopicEventBulkResponse response;
        try
        {
            (response, _) = await channel.CallAsync(AppCallbacks.OnBulkTopicEvent, request, null, cancel);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            (response, _) = await channel.CallAsync(AppCallbacks.OnBulkTopicEventAlpha1, request, null, cancel);
        }
        var verdicts = new Dictionary<string, SinkResult>();
        foreach (var status in response.Statuses)
            verdicts[status.EntryId] = GrpcEventSink.Verdict(status.Status, $"bulk entry {status.EntryId}");
        return verdicts;
    }

    private static TopicEventBulkRequestEntry Entry(Subscription subscription, string path, BulkEntry entry)
    {
        var written = new TopicEventBulkRequestEntry { EntryId = entry.Id, Metadata = { entry.Message.Metadata.ToDictionary() } };
        if (entry.Envelope is null)
        {
            written.ContentType = entry.Message.ContentType ?? ContentTypes.Binary;
            written.Bytes = ByteString.CopyFrom(entry.Message.Data.Span);
            return written;
        }
        var single = TopicEvents.Create(subscription, new RoutedEvent(entry.Envelope, entry.Message.Data, path, entry.Message.Metadata));
        written.ContentType = entry.Message.ContentType ?? ContentTypes.CloudEvents;
        written.CloudEvent = new TopicEventCERequest
        {
            Id = single.Id,
            Source = single.Source,
            Type = single.Type,
            SpecVersion = single.SpecVersion,
            DataContentType = single.DataContentType,
            Data = single.Data,
            Extensions = single.Extensions,
        };
        return written;
    }
}
