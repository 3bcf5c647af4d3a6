using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.State;

/// <summary>The state API over HTTP.</summary>
internal static class StateHttp
{
    private static readonly string[] Writing = ["POST", "PUT"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1.0/state/{store}/{key}", GetAsync);
        routes.MapMethods("/v1.0/state/{store}", Writing, SaveAsync);
        routes.MapDelete("/v1.0/state/{store}/{key}", DeleteAsync);
        routes.MapMethods("/v1.0/state/{store}/bulk", Writing, BulkGetAsync);
        routes.MapMethods("/v1.0/state/{store}/transaction", Writing, TransactAsync);
        routes.MapMethods("/v1.0-alpha1/state/{store}/query", Writing, QueryAsync);
    }

    /// <summary>RFC 3339 with seconds, as daprd reports expiry.</summary>
    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static async Task GetAsync(HttpContext context, string store, string key, StateApi states)
    {
        var item = await states.GetAsync(context.App(), store, key, context.RequestAborted);
        if (item is null)
        {
            await context.Response.NoContentAsync();
            return;
        }
        context.Response.Headers.ETag = item.ETag;
        if (item.Expires is { } expires)
            context.Response.Headers["metadata.ttlExpireTime"] = Rfc3339(expires);
        await context.Response.DataAsync(item.Value);
    }

    private static async Task SaveAsync(HttpContext context, string store, StateApi states)
    {
        var app = context.App();
        StateApi.Store(app, store);
        List<StateRequest> requests;
        try
        {
            var body = GoJson.Decode(await context.Request.BodyAsync(), JsonValueKind.Array, "[]state.SetRequest");
            var extra = context.Request.QueryMetadata();
            requests = body.ValueKind == JsonValueKind.Null ? [] : [.. body.EnumerateArray().Select(item => Item(item, extra))];
        }
        catch (GoJsonException wrong)
        {
            throw Malformed(wrong.Message);
        }
        if (requests.Any(request => request.Key.Length == 0))
            throw Malformed("\"key\" is a required field");
        await states.SaveAsync(app, store, requests, context.RequestAborted);
        await context.Response.NoContentAsync();
    }

    private static async Task DeleteAsync(HttpContext context, string store, string key, StateApi states)
    {
        var query = context.Request.Query;
        var etag = context.Request.Headers.IfMatch.Count == 0 ? null : context.Request.Headers.IfMatch[0];
        var request = new StateRequest(key, default, IsText: false, etag, query["concurrency"].FirstOrDefault() ?? "", query["consistency"].FirstOrDefault() ?? "", context.Request.QueryMetadata());
        await states.DeleteAsync(context.App(), store, request, context.RequestAborted);
        await context.Response.NoContentAsync();
    }

    private static async Task BulkGetAsync(HttpContext context, string store, StateApi states)
    {
        var app = context.App();
        StateApi.Store(app, store);
        List<string> keys;
        try
        {
            var body = GoJson.Decode(await context.Request.BodyAsync(), JsonValueKind.Object, "http.BulkGetRequest");
            keys = [.. Keys(body)];
        }
        catch (GoJsonException wrong)
        {
            throw DaprException.Malformed(wrong.Message);
        }
        var items = await states.GetManyAsync(app, store, keys, context.RequestAborted);
        using var answer = new MemoryStream();
        using (var json = new Utf8JsonWriter(answer, GoJson.WriterOptions))
        {
            json.WriteStartArray();
            for (var at = 0; at < keys.Count; at++)
                WriteItem(json, keys[at], items[at]);
            json.WriteEndArray();
        }
        answer.WriteByte((byte)'\n');
        await context.Response.DataAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length));
    }

    private static async Task TransactAsync(HttpContext context, string store, StateApi states)
    {
        var app = context.App();
        StateApi.Store(app, store);
        List<(string, StateRequest)> operations = [];
        try
        {
            var body = GoJson.Decode(await context.Request.BodyAsync(), JsonValueKind.Object, "http.stateTransactionRequestBody");
            // The body's own metadata is for the transaction as a whole; an operation gets only what the query adds to its own.
            _ = body.Texts("metadata", "stateTransactionRequestBody");
            var extra = context.Request.QueryMetadata();
            foreach (var operation in Operations(body))
                operations.Add((operation.Text("operation", "stateTransactionRequestBodyOperation.operations") ?? "", StateRequest.Read(Request(operation), extra, "SetRequest")));
        }
        catch (GoJsonException wrong)
        {
            throw DaprException.Malformed(wrong.Message);
        }
        if (operations.Count > 0)
            await states.TransactAsync(app, store, operations, context.RequestAborted);
        await context.Response.NoContentAsync();
    }

    private static async Task QueryAsync(HttpContext context, string store, StateApi states)
    {
        var found = await states.QueryAsync(context.App(), store, await context.Request.BodyAsync(), context.RequestAborted);
        if (found.Items.Count == 0)
        {
            await context.Response.NoContentAsync();
            return;
        }
        using var answer = new MemoryStream();
        using (var json = new Utf8JsonWriter(answer, GoJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("results");
            foreach (var (key, value, etag) in found.Items)
                WriteItem(json, key, new StateItem(value, etag));
            json.WriteEndArray();
            if (found.Token is not null)
                json.WriteString("token", found.Token);
            json.WriteEndObject();
        }
        answer.WriteByte((byte)'\n');
        await context.Response.DataAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length));
    }

    private static StateRequest Item(JsonElement item, Dictionary<string, string> extra) => item.ValueKind is JsonValueKind.Object or JsonValueKind.Null
        ? StateRequest.Read(item, extra, "SetRequest")
        : throw GoJson.Mismatch(item, "value of type state.SetRequest");

    private static IEnumerable<string> Keys(JsonElement body)
    {
        if (body.Member("keys") is not { } keys)
            yield break;
        if (keys.ValueKind != JsonValueKind.Array)
            throw GoJson.Mismatch(keys, "struct field BulkGetRequest.keys of type []string");
        foreach (var key in keys.EnumerateArray())
        {
            yield return key.ValueKind switch
            {
                JsonValueKind.String => key.GetString()!,
                JsonValueKind.Null => "",
                _ => throw GoJson.Mismatch(key, "struct field BulkGetRequest.keys of type string"),
            };
        }
    }

    private static JsonElement.ArrayEnumerator Operations(JsonElement body)
    {
        if (body.Member("operations") is not { } operations)
            return default;
        return operations.ValueKind == JsonValueKind.Array
            ? operations.EnumerateArray()
            : throw GoJson.Mismatch(operations, "struct field stateTransactionRequestBody.operations of type []http.stateTransactionRequestBodyOperation");
    }

    private static JsonElement Request(JsonElement operation) => operation.Member("request") switch
    {
        null => default,
        { ValueKind: JsonValueKind.Object } request => request,
        { } other => throw new GoJsonException($"'' expected a map, got '{GoJson.Kind(other)}'"),
    };

    private static void WriteItem(Utf8JsonWriter json, string key, StateItem? item)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        if (item is not null)
        {
            if (item.Error is null)
                WriteData(json, item.Value);
            json.WriteString("etag", item.ETag);
            if (item.Expires is { } expires)
            {
                json.WriteStartObject("metadata");
                json.WriteString("ttlExpireTime", Rfc3339(expires));
                json.WriteEndObject();
            }
            if (item.Error is not null)
                json.WriteString("error", item.Error);
        }
        json.WriteEndObject();
    }

    /// <summary>Values saved over gRPC need not be JSON, and then have no place in a JSON answer.</summary>
    private static void WriteData(Utf8JsonWriter json, ReadOnlyMemory<byte> value)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            json.WritePropertyName("data");
            document.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteString("error", "the value is not JSON; read it by its key");
        }
    }

    private static DaprException Malformed(string problem) => new("ERR_MALFORMED_REQUEST", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, problem);
}
