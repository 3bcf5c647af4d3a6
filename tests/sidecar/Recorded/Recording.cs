using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tarasol.Tests.Sidecar.Recorded;

/// <summary>Plays a recorded conversation with daprd against sidecars of this host, and compares answers and deliveries with ids, times, traces and ports masked.</summary>
internal sealed partial class Recording(IReadOnlyDictionary<string, (int Port, RecordedApp App)> sidecars, HttpClient client, string folder)
{
    private static readonly string[] Headers = ["content-type", "x-from-app", "x-custom", "allow", "retry-after", "dapr-app-id"];
    private static readonly string[] NotCompared = ["user-agent", "x-forwarded-for", "x-forwarded-host", "forwarded"];
    private readonly Dictionary<string, string> kept = new() { ["run"] = Guid.CreateVersion7().ToString("N") };

    public async Task PlayAsync(JsonNode @case, JsonArray answers)
    {
        var next = 0;
        var waits = false;
        foreach (var step in @case["steps"]!.AsArray())
        {
            if (step!["forget"] is { } forget)
            {
                sidecars[forget.GetValue<string>()].App.Forget();
                continue;
            }
            if (step["pause"] is not null)
            {
                waits = true;
                continue;
            }
            await AnswersAsync(step, Loose(answers[next++]!, step), waits || step["repeat"] is not null);
            waits = false;
        }
    }

    /// <summary>Where the recording waited a while, the step is played again until the answer is daprd's or much more time has passed.</summary>
    private async Task AnswersAsync(JsonNode step, JsonNode expected, bool again)
    {
        for (var end = DateTime.UtcNow.AddSeconds(again ? 20 : 0); ; await Task.Delay(20))
        {
            var actual = Loose(step["received"] is null ? await AskAsync(step) : await ReceivedAsync(step, expected), step);
            if (JsonNode.DeepEquals(expected, actual))
                return;
            Assert.True(DateTime.UtcNow < end, $"{step.ToJsonString()}\ndaprd: {expected.ToJsonString()}\nhere:  {actual.ToJsonString()}");
        }
    }

    /// <summary>A body as JSON, or as text in which bytes that are no UTF-8 stand as \xNN.</summary>
    public static JsonNode? Shown(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return new JsonObject { ["text"] = Text(body) };
        }
    }

    private static string Text(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder();
        while (!body.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(body, out var rune, out var length) == OperationStatus.Done)
                text.Append(rune.ToString());
            else
                text.Append(CultureInfo.InvariantCulture, $"\\x{body[0]:x2}");
            body = body[Math.Max(1, length)..];
        }
        return text.ToString();
    }

    private async Task<JsonNode> AskAsync(JsonNode step)
    {
        var (port, _) = sidecars[step["to"]!.GetValue<string>()];
        var uri = new Uri($"http://127.0.0.1:{port}{Fill(step["path"]!.GetValue<string>())}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(step["method"]!.GetValue<string>()), uri) { Content = Content(step) };
        foreach (var (name, value) in step["headers"]?.AsObject() ?? [])
        {
            if (name is not "content-type")
            {
                request.Headers.TryAddWithoutValidation(name, Fill(value!.GetValue<string>()));
            }
        }
        using var response = await client.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var body = Shown(bytes);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(", ", header.Value));
        foreach (var (name, source) in step["save"]?.AsObject() ?? [])
        {
            var from = source!.GetValue<string>();
            kept[name] = from.StartsWith("header:", StringComparison.Ordinal) ? all.GetValueOrDefault(from[7..], "") : body![from[5..]]!.ToString();
        }
        var headers = new JsonObject();
        foreach (var (name, value) in all.Where(header => Headers.Contains(header.Key) || header.Key.StartsWith("metadata.", StringComparison.Ordinal)))
        {
            if (name != "content-type" || bytes.Length > 0)
            {
                headers[name] = name == "content-type" ? value.Split(';')[0] : value;
            }
        }
        if (all.TryGetValue("etag", out var etag))
        {
            headers["etag"] = etag.Length > 0 ? "<etag>" : "";
        }
        return Clean(new JsonObject { ["status"] = (int)response.StatusCode, ["headers"] = headers, ["body"] = body?.DeepClone() });
    }

    private async Task<JsonNode> ReceivedAsync(JsonNode step, JsonNode expected)
    {
        var app = sidecars[step["received"]!.GetValue<string>()].App;
        // The recording waited its whole time for more deliveries than came; here what daprd delivered is waited for.
        var count = expected["received"]!.AsArray().Count;
        var end = DateTime.UtcNow.AddSeconds(20);
        while (app.Received.Count < count && DateTime.UtcNow < end)
        {
            await Task.Delay(10);
        }
        var fields = step["fields"]?.AsArray().Select(field => field!.GetValue<string>()).ToList() ?? ["method", "path", "headers", "body"];
        var seen = app.Received.Select(one => Clean(new JsonObject(fields.Select(field => KeyValuePair.Create(field, one[field]?.DeepClone()))))).ToList();
        foreach (var headers in seen.Select(one => one["headers"]).OfType<JsonObject>())
        {
            foreach (var name in (string[])["host", "content-length", "accept"])
            {
                headers.Remove(name);
            }
        }
        return new JsonObject { ["received"] = new JsonArray([.. seen.OrderBy(Sortable, StringComparer.Ordinal)]) };
    }

    private ByteArrayContent? Content(JsonNode step)
    {
        var bytes = step["json"] is not null || step.AsObject().ContainsKey("json") ? Encoding.UTF8.GetBytes(Fill(Spaced(step["json"])))
            : step["text"] is { } text ? Encoding.UTF8.GetBytes(Fill(text.GetValue<string>()))
            : step["base64"] is { } base64 ? Convert.FromBase64String(base64.GetValue<string>()) : null;
        if (bytes is null)
        {
            return null;
        }
        var content = new ByteArrayContent(bytes);
        var type = step["headers"]?["content-type"]?.GetValue<string>() ?? (step.AsObject().ContainsKey("json") ? "application/json" : null);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>JSON with the spaces that the recording's bodies had, so that their lengths agree.</summary>
    private static string Spaced(JsonNode? node) => node switch
    {
        JsonObject json => $"{{{string.Join(", ", json.Select(item => $"{JsonValue.Create(item.Key).ToJsonString(AsWritten)}: {Spaced(item.Value)}"))}}}",
        JsonArray list => $"[{string.Join(", ", list.Select(Spaced))}]",
        _ => node?.ToJsonString(AsWritten) ?? "null",
    };

    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private string Fill(string text) => kept.Aggregate(text, (filled, item) => filled.Replace($"{{{item.Key}}}", item.Value, StringComparison.Ordinal));

    private JsonNode Loose(JsonNode answer, JsonNode step)
    {
        var copy = answer.DeepClone();
        foreach (var part in step["loose"]?.AsArray().Select(item => item!.GetValue<string>()) ?? [])
        {
            if (part == "message")
            {
                (copy["body"] as JsonObject)?.Remove("message");
            }
            else
            {
                copy.AsObject().Remove(part);
            }
        }
        (copy["body"] as JsonObject)?.Remove("details");
        if (copy["received"] is JsonArray received)
        {
            copy["received"] = new JsonArray([.. received.Select(one => Clean(one!.DeepClone())).OrderBy(Sortable, StringComparer.Ordinal)]);
        }
        return copy;
    }

    private static string Sortable(JsonNode? node) => node switch
    {
        JsonObject json => $"{{{string.Join(',', json.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key}:{Sortable(item.Value)}"))}}}",
        JsonArray list => $"[{string.Join(',', list.Select(Sortable))}]",
        _ => node?.ToJsonString() ?? "null",
    };

    private JsonNode Clean(JsonNode node)
    {
        switch (node)
        {
            case JsonObject json:
                foreach (var name in NotCompared)
                {
                    json.Remove(name);
                }
                foreach (var (name, value) in json.ToList())
                {
                    json[name] = value is null ? null : Clean(value.DeepClone());
                }
                return json;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : Clean(item.DeepClone()))]);
            default:
                return node.GetValueKind() == JsonValueKind.String ? Mask(node.GetValue<string>()) : node;
        }
    }

    private string Mask(string text) => Port().Replace(Time().Replace(Uuid().Replace(Trace().Replace(text.Replace(folder, "<tmp>", StringComparison.Ordinal), "<trace>"), "<uuid>"), "<time>"), "<host>");

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Time();

    [GeneratedRegex(@"\b00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]\b")]
    private static partial Regex Trace();

    [GeneratedRegex(@"(127\.0\.0\.1|localhost|\[::1\]):\d+")]
    private static partial Regex Port();
}
