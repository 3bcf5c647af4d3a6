using System.Text;
using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Actors;

/// <summary>Request bodies as Go reads them: keys without regard to case, null like absent, what follows the first value ignored.</summary>
internal static class RequestJson
{
    /// <exception cref="DaprException">The body is no JSON.</exception>
    public static async Task<JsonElement> ReadAsync(HttpRequest request)
    {
        try
        {
            return GoJson.Decode(await request.BodyAsync());
        }
        catch (GoJsonException e)
        {
            throw DaprException.Malformed(e.Message);
        }
    }

    /// <summary>Empty when absent.</summary>
    public static string Text(this JsonElement json, string name) =>
        json.Member(name) is not { } value ? "" : value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, "a string", value);

    public static ReminderRequest Reminder(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Null)
            return new ReminderRequest("", "", "", null, true, null);
        CheckObject(body);
        var overwrite = body.Member("overwrite") is not { } flag || (flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : throw Wrong("overwrite", "true or false", flag));
        return new ReminderRequest(body.Text("dueTime"), body.Text("period"), body.Text("ttl"), Raw(body), overwrite, Policy(body.Member("failurePolicy") ?? body.Member("failure_policy")));
    }

    public static TimerRequest Timer(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Null)
            return new TimerRequest("", "", "", "", null);
        CheckObject(body);
        return new TimerRequest(body.Text("dueTime"), body.Text("period"), body.Text("ttl"), body.Text("callback"), Raw(body));
    }

    /// <summary>Null when absent.</summary>
    public static FailurePolicy? Policy(JsonElement? given)
    {
        if (given is not { } json)
            return null;
        if (json.ValueKind != JsonValueKind.Object)
            throw Wrong("failurePolicy", "an object", json);
        if (json.Member("drop") is not null)
            return new FailurePolicy(true, TimeSpan.Zero, 0);
        if (json.Member("constant") is not { ValueKind: JsonValueKind.Object } constant)
            throw Wrong("failurePolicy", "{\"drop\":{}} or {\"constant\":{\"interval\":\"1s\",\"maxRetries\":3}}", json);
        var interval = constant.Text("interval");
        if (!GoDuration.TryParse(interval.Length == 0 ? "1s" : interval, out var pause) || pause < TimeSpan.Zero)
            throw Wrong("failurePolicy.constant.interval", "a duration", constant);
        uint? retries = null;
        if ((constant.Member("maxRetries") ?? constant.Member("max_retries")) is { } max)
            retries = max.ValueKind == JsonValueKind.Number && max.TryGetUInt32(out var number) ? number : throw Wrong("failurePolicy.constant.maxRetries", "a whole number", max);
        return new FailurePolicy(false, pause, retries);
    }

    /// <summary>The raw JSON of "data", null and all, as Go keeps it; null when absent.</summary>
    private static byte[]? Raw(JsonElement body)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (property.Name.Equals("data", StringComparison.OrdinalIgnoreCase))
                return Encoding.UTF8.GetBytes(property.Value.GetRawText());
        }
        return null;
    }

    private static void CheckObject(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw DaprException.Malformed($"an object is expected, not {body.ValueKind}");
    }

    private static DaprException Wrong(string name, string expected, JsonElement value) => DaprException.Malformed($"{name} must be {expected}, not {value.GetRawText()}");
}
