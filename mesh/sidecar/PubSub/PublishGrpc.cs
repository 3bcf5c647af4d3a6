using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>PublishEvent, BulkPublishEvent and its alpha twin.</summary>
internal static class PublishGrpc
{
    public static void Bind(DaprMethods methods)
    {
        methods.Unary<PublishEventRequest, Empty>("PublishEvent", PublishAsync);
        methods.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEvent", BulkPublishAsync);
        methods.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEventAlpha1", BulkPublishAsync);
    }

    private static async Task<Empty> PublishAsync(AppRuntime app, PublishEventRequest request, ServerCallContext call)
    {
        var publisher = Services(call);
        var metadata = new Dictionary<string, string>(request.Metadata);
        var target = Publisher.Target(app, request.PubsubName, request.Topic, metadata);
        var trace = Traces.OfRequest;
        var data = publisher.Envelope(target, request.Data.Memory, request.DataContentType, trace, metadata);
        if (target.RawPayload)
        {
            metadata["traceid"] = trace.TraceParent;
            metadata["tracestate"] = trace.TraceState ?? "";
        }
        await publisher.PublishAsync(target, [new PubSubMessage(data, null, metadata)], call.CancellationToken);
        return new Empty();
    }

    private static async Task<BulkPublishResponse> BulkPublishAsync(AppRuntime app, BulkPublishRequest request, ServerCallContext call)
    {
        var publisher = Services(call);
        var metadata = new Dictionary<string, string>(request.Metadata);
        var target = Publisher.Target(app, request.PubsubName, request.Topic, metadata);
        var parent = Traces.OfRequest;
        var ids = new HashSet<string>();
        var messages = new List<PubSubMessage>();
        foreach (var entry in request.Entries)
        {
            if (entry.EntryId.Length == 0 || !ids.Add(entry.EntryId))
            {
                throw PubSubErrors.MarshalEvents(target.Component.Name, target.Topic, app.AppId, "entryId is duplicated or not present for entry");
            }
            // Protobuf cannot tell an empty map from none: a Go server sees none.
            var own = PublishHttp.Merge(metadata, entry.Metadata.Count == 0 ? null : new Dictionary<string, string>(entry.Metadata));
            var data = publisher.Envelope(target, entry.Event.Memory, entry.ContentType, Traces.ChildOf(parent.TraceParent, parent.TraceState), own);
            messages.Add(new PubSubMessage(data, target.RawPayload ? entry.ContentType : null, own));
        }
        try
        {
            await publisher.PublishAsync(target, messages, call.CancellationToken);
            return new BulkPublishResponse();
        }
        catch (DaprException e) when (e.FailedEntries is not null)
        {
            return new BulkPublishResponse { FailedEntries = { e.FailedEntries.Select(at => new BulkPublishResponseFailedEntry { EntryId = request.Entries[at].EntryId, Error = e.Message }) } };
        }
    }

    private static Publisher Services(ServerCallContext call) => call.GetHttpContext().RequestServices.GetRequiredService<Publisher>();
}
