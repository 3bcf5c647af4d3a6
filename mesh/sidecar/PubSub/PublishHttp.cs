using System.Text;
using System.Text.Json;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>POST and PUT <c>/v1.0/publish/{pubsub}/{topic...}</c> and <c>publish/bulk/{pubsub}/{topic...}</c>.</summary>
internal static class PublishHttp
{
    private static readonly string[] Verbs = [HttpMethods.Post, HttpMethods.Put];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/v1.0/publish/{pubsub}/{**topic:minlength(1)}", Verbs, PublishAsync);
        routes.MapMethods("/v1.0/publish/bulk/{pubsub}/{**topic:minlength(1)}", Verbs, BulkPublishAsync);
        routes.MapMethods("/v1.0-alpha1/publish/bulk/{pubsub}/{**topic:minlength(1)}", Verbs, BulkPublishAsync);
    }

    private static async Task PublishAsync(HttpContext context, string pubsub, string topic, Publisher publisher)
    {
        var metadata = context.Request.QueryMetadata();
        var target = Publisher.Target(context.App(), pubsub, topic, metadata);
        var data = publisher.Envelope(target, await context.Request.BodyAsync(), context.Request.ContentType, Traces.OfRequest, metadata);
        await publisher.PublishAsync(target, [new PubSubMessage(data, null, metadata)], context.RequestAborted);
        await context.Response.NoContentAsync();
    }

    private static async Task BulkPublishAsync(HttpContext context, string pubsub, string topic, Publisher publisher)
    {
        var target = Publisher.Target(context.App(), pubsub, topic, context.Request.QueryMetadata());
        var entries = BulkEntries(await context.Request.BodyAsync(), target);
        var parent = Traces.OfRequest;
        var messages = entries.Select(entry => new PubSubMessage(
            publisher.Envelope(target, entry.Data, entry.ContentType, Traces.ChildOf(parent.TraceParent, parent.TraceState), entry.Metadata),
            target.RawPayload ? entry.ContentType : null, entry.Metadata)).ToList();
        try
        {
            await publisher.PublishAsync(target, messages, context.RequestAborted);
            await context.Response.NoContentAsync();
        }
        catch (DaprException e) when (e.ErrorCode == "ERR_PUBSUB_PUBLISH_MESSAGE")
        {
            context.Response.StatusCode = e.HttpStatus;
            await context.Response.WriteAsJsonAsync(new { failedEntries = entries.Where((_, at) => e.FailedEntries?.Contains(at) ?? true).Select(entry => new { entryId = entry.Id, error = e.Message }), errorCode = e.ErrorCode });
        }
    }

    private sealed record Entry(string Id, ReadOnlyMemory<byte> Data, string ContentType, IReadOnlyDictionary<string, string> Metadata);

    private static List<Entry> BulkEntries(ReadOnlyMemory<byte> body, PublishTarget target)
    {
        List<(string Id, JsonElement? Event, string ContentType, Dictionary<string, string>? Metadata)> raw;
        try
        {
            var list = GoJson.Decode(body, JsonValueKind.Array, "[]http.bulkPublishMessageEntry");
            raw = list.ValueKind == JsonValueKind.Null ? [] : [.. list.EnumerateArray().Select(Read)];
        }
        catch (GoJsonException e)
        {
            throw PubSubErrors.UnmarshalEvents(target.Component.Name, target.Topic, target.App.AppId, e.Message);
        }
        var entries = new List<Entry>();
        var ids = new HashSet<string>();
        foreach (var (id, data, contentType, metadata) in raw)
        {
            if (ToBytes(data, contentType, out var problem) is not { } bytes)
            {
                throw PubSubErrors.MarshalEnvelope(target.Component.Name, target.Topic, target.App.AppId, problem);
            }
            if (id.Length == 0 || !ids.Add(id))
            {
                throw PubSubErrors.MarshalEvents(target.Component.Name, target.Topic, target.App.AppId, "entryId is duplicated or not present for entry");
            }
            entries.Add(new Entry(id, bytes, contentType, Merge(target.Metadata, metadata)));
        }
        return entries;
    }

    /// <summary>Entry metadata with the request's below it. An entry without any takes none of the request's, as daprd does it.</summary>
    internal static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> request, IReadOnlyDictionary<string, string>? entry)
    {
        if (entry is null)
        {
            return PubSubMessage.NoMetadata;
        }
        var merged = new Dictionary<string, string>(request);
        foreach (var (key, value) in entry)
        {
            merged[key] = value;
        }
        return merged;
    }

    private static (string Id, JsonElement? Event, string ContentType, Dictionary<string, string>? Metadata) Read(JsonElement entry)
    {
        const string GoStruct = "bulkPublishMessageEntry";
        if (entry.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            throw GoJson.Mismatch(entry, $"value of type http.{GoStruct}");
        }
        return (entry.Text("entryId", GoStruct) ?? "", entry.Member("event"), entry.Text("contentType", GoStruct) ?? "",
            entry.Member("metadata") is null ? null : entry.Texts("metadata", GoStruct));
    }

    private static ReadOnlyMemory<byte>? ToBytes(JsonElement? data, string contentType, out string problem)
    {
        problem = "error: mismatch between contentType and event";
        var text = data is { ValueKind: JsonValueKind.String } element ? element.GetString() : null;
        if (ContentTypes.IsBinary(contentType) && text is not null)
        {
            var bytes = new byte[text.Length];
            if (Convert.TryFromBase64String(text, bytes, out var length))
            {
                return bytes.AsMemory(0, length);
            }
            problem = "error: unable to decode base64 application/octet-stream data";
            return null;
        }
        if (ContentTypes.IsString(contentType) && text is not null)
        {
            return Encoding.UTF8.GetBytes(text);
        }
        return ContentTypes.IsJson(contentType) || ContentTypes.IsCloudEvent(contentType)
            ? Encoding.UTF8.GetBytes(data?.GetRawText() ?? "null") : default(ReadOnlyMemory<byte>?);
    }
}
