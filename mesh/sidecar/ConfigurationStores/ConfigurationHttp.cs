using System.Text.Json;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.PubSub;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.ConfigurationStores;

/// <summary>The configuration API over HTTP. Updates are posted to the app (wire: 10).</summary>
internal static class ConfigurationHttp
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var version in (string[])["v1.0", "v1.0-alpha1"])
        {
            routes.MapGet($"/{version}/configuration/{{store}}", GetAsync);
            routes.MapGet($"/{version}/configuration/{{store}}/subscribe", SubscribeAsync);
            routes.MapGet($"/{version}/configuration/{{store}}/{{id}}/unsubscribe", UnsubscribeAsync);
        }
    }

    private static async Task GetAsync(HttpContext context, string store, ConfigurationApi configuration)
    {
        var items = await configuration.GetAsync(context.App(), store, Keys(context.Request), context.RequestAborted);
        await (items.Count == 0 ? context.Response.NoContentAsync() : context.Response.DataAsync(Json(json => Write(json, items))));
    }

    private static async Task SubscribeAsync(HttpContext context, string store, ConfigurationApi configuration, ILogger<ConfigurationApi> log)
    {
        var app = context.App();
        ConfigurationApi.Store(app, store);
        if (app.Channel is null)
            throw new DaprException("ERR_APP_CHANNEL_NIL", StatusCodes.Status500InternalServerError, StatusCode.Internal, "app channel is not initialized. cannot subscribe to configuration updates");
        var watch = await configuration.SubscribeAsync(app, store, Keys(context.Request), (id, key, item, cancel) => PostAsync(app, store, id, key, item, configuration, log, cancel), context.RequestAborted);
        watch.Start();
        await context.Response.DataAsync(Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("id", watch.Id);
            json.WriteEndObject();
        }));
    }

    private static async Task UnsubscribeAsync(HttpContext context, string store, string id, ConfigurationApi configuration)
    {
        var app = context.App();
        ConfigurationApi.Store(app, store);
        var ended = await configuration.UnsubscribeAsync(app, store, id);
        context.Response.StatusCode = ended ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Json(json =>
        {
            json.WriteStartObject();
            if (ended)
                json.WriteBoolean("ok", true);
            else
                json.WriteString("message", $"failed to unsubscribe to configuration request {id}: subscription with id {id} does not exist");
            json.WriteEndObject();
        }), context.RequestAborted);
    }

    /// <summary>An app that does not take an update gets it again only by the inbound policy, as with daprd.</summary>
    private static async Task PostAsync(AppRuntime app, string store, string id, string key, ConfigurationItem item, ConfigurationApi configuration, ILogger log, CancellationToken cancel)
    {
        var body = Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WritePropertyName("items");
            Write(json, new Dictionary<string, ConfigurationItem> { [key] = item });
            json.WriteEndObject();
        });
        try
        {
            await configuration.Inbound(app, store).ExecuteAsync(async attempt =>
            {
                using var request = HttpEventSink.Request(ApiPath.Escape($"/configuration/{store}/{key}"), body, ContentTypes.Json, []);
                using var response = await app.Channel!.SendAsync(request, attempt);
                if ((int)response.StatusCode != StatusCodes.Status200OK)
                    throw new StatusException((int)response.StatusCode, $"error sending configuration item to application, status {(int)response.StatusCode}");
            }, cancel);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            log.LogError("{App}: configuration {Store}: the change of {Key} did not reach the app: {Problem}", app.AppId, store, key, failure.Message);
        }
    }

    private static List<string> Keys(HttpRequest request) => [.. request.Query["key"].Select(key => key ?? "")];

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, GoJson.WriterOptions))
            write(json);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>Sorted by key, empty members left out, as Go writes them.</summary>
    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, ConfigurationItem> items)
    {
        json.WriteStartObject();
        foreach (var (key, item) in items.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(key);
            if (item.Value.Length > 0)
                json.WriteString("value", item.Value);
            if (item.Version.Length > 0)
                json.WriteString("version", item.Version);
            if (item.Metadata.Count > 0)
            {
                json.WriteStartObject("metadata");
                foreach (var (name, value) in item.Metadata.OrderBy(one => one.Key, StringComparer.Ordinal))
                    json.WriteString(name, value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
