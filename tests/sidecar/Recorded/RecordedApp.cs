using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tarasol.Tests.Sidecar.Recorded;

/// <summary>The application that stood behind daprd when its answers were recorded: it echoes, answers with the status asked for, and remembers deliveries.</summary>
internal sealed class RecordedApp(string name)
{
    private static readonly string[] Kept =
    [
        "content-type", "dapr-app-id", "dapr-caller-app-id", "dapr-callee-app-id", "x-custom", "authorization", "traceparent", "user-agent", "accept", "host", "dapr-api-token",
        "x-forwarded-for", "x-forwarded-host", "forwarded", "baggage", "content-length", "cookie", "pubsubname",
    ];

    private readonly Lock gate = new();
    private readonly List<JsonObject> received = [];
    private readonly Dictionary<string, int> tries = [];
    private readonly Dictionary<string, int> counts = [];

    public IReadOnlyList<JsonObject> Received
    {
        get
        {
            lock (gate)
            {
                return [.. received];
            }
        }
    }

    public void Forget()
    {
        lock (gate)
        {
            received.Clear();
            tries.Clear();
            counts.Clear();
        }
    }

    public void Configure(WebApplication app) => app.Run(async context =>
    {
        var seen = await SeenAsync(context.Request);
        var (status, body, type) = Answer(context, seen);
        context.Response.StatusCode = status;
        if (body is not null)
        {
            context.Response.ContentType = type;
            context.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
            if (!HttpMethods.IsHead(context.Request.Method))
                await context.Response.WriteAsync(body);
        }
    });

    private (int Status, string? Body, string Type) Answer(HttpContext context, JsonObject seen)
    {
        static (int, string?, string) Json(int status, JsonNode? body) => (status, body?.ToJsonString() ?? "null", "application/json");
        var path = seen["path"]!.GetValue<string>();
        var parts = path.Trim('/').Split('/');
        switch (parts)
        {
            case ["dapr", "subscribe"]:
                return Json(200, name == "beta" ? Subscriptions() : new JsonArray());
            case ["dapr", "config"]:
                return Json(200, new JsonObject { ["entities"] = name == "beta" ? new JsonArray("counter") : [], ["actorIdleTimeout"] = "60s" });
            case ["echo", ..]:
                context.Response.Headers["x-from-app"] = name;
                return Json(200, seen);
            case ["status", var code]:
                var status = int.Parse(code, CultureInfo.InvariantCulture);
                return status is 204 or 304 ? (status, null, "") : Json(status, new JsonObject { ["status"] = status });
            case ["empty"]:
                return (204, null, "");
            case ["text"]:
                return (200, "plain text", "text/plain; charset=utf-8");
            case ["events", var what, ..]:
                return Event(what, seen);
            case ["actors", _, _, _, "timer" or "remind", ..]:
                lock (gate)
                    received.Add(seen);
                return (200, null, "");
            case ["actors", _, _]:
                return (200, null, "");
            case ["actors", _, var id, _, "inc"]:
                lock (gate)
                    return Json(200, new JsonObject { ["count"] = counts[id] = counts.GetValueOrDefault(id) + 1 });
            case ["actors", _, _, _, "fail"]:
                return Json(500, new JsonObject { ["why"] = "asked to" });
            case ["actors", _, _, _, "echo"]:
                return Json(200, seen);
            default:
                return Json(404, new JsonObject { ["unknown"] = path });
        }
    }

    private (int Status, string? Body, string Type) Event(string what, JsonObject seen)
    {
        bool again;
        lock (gate)
        {
            received.Add(seen);
            again = (tries[what] = tries.GetValueOrDefault(what) + 1) <= 2;
        }
        static (int, string?, string) Status(string status) => (200, $$"""{"status":"{{status}}"}""", "application/json");
        return what switch
        {
            "empty" => (200, null, ""),
            "retry2" => Status(again ? "RETRY" : "SUCCESS"),
            "drop" => Status("DROP"),
            "fail2" => again ? (500, """{"status":"SUCCESS"}""", "application/json") : Status("SUCCESS"),
            "notfound" => (404, """{"why":"no"}""", "application/json"),
            "odd" => Status(again ? "WHATEVER" : "SUCCESS"),
            _ => Status("SUCCESS"),
        };
    }

    private static JsonArray Subscriptions()
    {
        var list = new JsonArray();
        foreach (var topic in (string[])["ok", "empty", "retry2", "drop", "fail2", "notfound", "odd"])
            list.Add(new JsonObject { ["pubsubname"] = "pubsub", ["topic"] = topic, ["route"] = $"/events/{topic}", ["metadata"] = new JsonObject() });
        foreach (var refused in list.Where(item => item!["topic"]!.GetValue<string>() is "drop" or "notfound"))
            refused!["deadLetterTopic"] = "dead";
        list.Add(JsonNode.Parse("""{"pubsubname":"pubsub","topic":"dead","route":"/events/dead"}"""));
        list.Add(JsonNode.Parse("""{"pubsubname":"pubsub","topic":"raw","route":"/events/ok","metadata":{"rawPayload":"true"}}"""));
        list.Add(JsonNode.Parse("""
            {"pubsubname":"pubsub","topic":"routed","routes":{"default":"/events/default","rules":[
              {"match":"event.type == \"letter.v2\"","path":"/events/v2"},
              {"match":"event.data.kind == \"memo\" && event.source.startsWith(\"tests\")","path":"/events/memo"}]}}
            """));
        return list;
    }

    private static async Task<JsonObject> SeenAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2);
        var headers = new JsonObject();
        foreach (var (key, value) in request.Headers.Where(header => Kept.Contains(header.Key.ToLowerInvariant())))
        {
            headers[key.ToLowerInvariant()] = value.ToString();
        }
        return new JsonObject
        {
            ["method"] = request.Method, ["path"] = target[0], ["query"] = target.ElementAtOrDefault(1) ?? "", ["headers"] = headers,
            ["body"] = Recording.Shown(body.ToArray()),
        };
    }
}
