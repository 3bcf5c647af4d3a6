using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>
/// The CloudEvents 1.0 envelope around a message (wire: 6.1): made around plain data, completed around an event that a publisher made itself,
/// and read again at delivery. Attributes keep their JSON as it was written, so that numbers lose nothing and unknown extensions stay.
/// </summary>
internal sealed class CloudEventEnvelope(Dictionary<string, JsonElement> attributes)
{
    private readonly Dictionary<string, JsonElement> attributes = attributes;

    public const string DefaultType = "com.dapr.event.sent";
    public const string DefaultSource = "Dapr";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Overrides = ["id", "source", "type", "subject", "traceid", "traceparent", "tracestate"];

    public IReadOnlyDictionary<string, JsonElement> Attributes => attributes;

    public string? Id => Text("id");

    /// <summary>A text attribute; null when missing or not a text.</summary>
    public string? Text(string name) => attributes.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>An envelope around plain data.</summary>
    public static CloudEventEnvelope Wrap(
        ReadOnlyMemory<byte> data, string? contentType, string topic, string pubsub, string appId, TraceContext trace, IReadOnlyDictionary<string, string> metadata, DateTimeOffset now)
    {
        var given = Overrides.ToDictionary(name => name, name => Override(metadata, name));
        var type = string.IsNullOrEmpty(contentType) ? "text/plain" : contentType;
        var parent = given["traceparent"] is { Length: > 0 } explicitParent ? explicitParent : given["traceid"] ?? trace.TraceParent;
        var envelope = new Dictionary<string, JsonElement>
        {
            ["id"] = Quote(given["id"] is { Length: > 0 } id ? id : Guid.CreateVersion7().ToString()),
            ["specversion"] = Quote("1.0"),
            ["datacontenttype"] = Quote(type),
            ["source"] = Quote((given["source"] ?? appId) is { Length: > 0 } source ? source : DefaultSource),
            ["type"] = Quote(given["type"] is { Length: > 0 } eventType ? eventType : DefaultType),
            ["topic"] = Quote(topic),
            ["pubsubname"] = Quote(pubsub),
            ["traceid"] = Quote(parent),
            ["traceparent"] = Quote(parent),
            ["tracestate"] = Quote(given["tracestate"] ?? trace.TraceState ?? ""),
            ["time"] = Quote(Rfc3339(now)),
        };
        if (given["subject"] is { Length: > 0 } subject)
        {
            envelope["subject"] = Quote(subject);
        }
        if (ContentTypes.IsJson(type))
        {
            envelope["data"] = FirstValue(data) ?? Quote(Utf8Text(data.Span));
        }
        else if (ContentTypes.IsBinary(type) || ContentTypes.IsCloudEventProtobuf(type))
        {
            envelope["data_base64"] = Quote(Convert.ToBase64String(data.Span));
        }
        else
        {
            envelope["data"] = Quote(Utf8Text(data.Span));
        }
        return new CloudEventEnvelope(envelope);
    }

    /// <summary>Completes an event that the publisher made. Throws <see cref="FormatException"/> when it is not a JSON object.</summary>
    public static CloudEventEnvelope Complete(ReadOnlyMemory<byte> data, string topic, string pubsub, TraceContext trace, DateTimeOffset now)
    {
        var envelope = Parse(data).attributes;
        envelope.TryAdd("time", Quote(Rfc3339(now)));
        if (!envelope.ContainsKey("traceid"))
        {
            envelope["traceid"] = envelope["traceparent"] = Quote(trace.TraceParent);
        }
        envelope.TryAdd("tracestate", Quote(trace.TraceState ?? ""));
        envelope["topic"] = Quote(topic);
        envelope["pubsubname"] = Quote(pubsub);
        Default(envelope, "source", DefaultSource);
        Default(envelope, "type", DefaultType);
        Default(envelope, "specversion", "1.0");
        return new CloudEventEnvelope(envelope);
    }

    /// <summary>What a raw subscription delivers: the bytes in a new envelope.</summary>
    public static CloudEventEnvelope Raw(ReadOnlyMemory<byte> data, string topic, string pubsub, IReadOnlyDictionary<string, string> metadata)
    {
        var envelope = new Dictionary<string, JsonElement>
        {
            ["id"] = Quote(Guid.CreateVersion7().ToString()),
            ["specversion"] = Quote("1.0"),
            ["datacontenttype"] = Quote(ContentTypes.Binary),
            ["source"] = Quote(DefaultSource),
            ["type"] = Quote(DefaultType),
            ["topic"] = Quote(topic),
            ["pubsubname"] = Quote(pubsub),
            ["data_base64"] = Quote(Convert.ToBase64String(data.Span)),
        };
        TakeTrace(envelope, metadata);
        return new CloudEventEnvelope(envelope);
    }

    /// <summary>A message that the broker carried in binary mode: attributes in <c>ce_*</c> metadata.</summary>
    public static CloudEventEnvelope FromBinaryMode(ReadOnlyMemory<byte> data, string contentType, IReadOnlyDictionary<string, string> metadata)
    {
        var envelope = metadata.Where(item => item.Key.StartsWith("ce_", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(item => item.Key[3..].ToLowerInvariant(), item => Quote(item.Value));
        envelope["data_base64"] = Quote(Convert.ToBase64String(data.Span));
        envelope["datacontenttype"] = Quote(contentType);
        return new CloudEventEnvelope(envelope);
    }

    /// <summary>Reads stored bytes; trace fields that the envelope lacks come from the message's metadata. Throws <see cref="FormatException"/>.</summary>
    public static CloudEventEnvelope Read(ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata)
    {
        var envelope = Parse(data);
        envelope.Inherit(metadata);
        return envelope;
    }

    /// <summary>A JSON object as an envelope. Of a name that occurs twice the last one counts. Throws <see cref="FormatException"/>.</summary>
    public static CloudEventEnvelope Parse(ReadOnlyMemory<byte> data)
    {
        var element = FirstValue(data) ?? throw new FormatException(data.IsEmpty ? "the event is empty" : "the event is not JSON");
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"the event is a JSON {element.ValueKind.ToString().ToLowerInvariant()}, not an object");
        }
        var attributes = new Dictionary<string, JsonElement>();
        foreach (var member in element.EnumerateObject())
        {
            attributes[member.Name] = member.Value;
        }
        return new CloudEventEnvelope(attributes);
    }

    /// <summary>Sets <c>expiration</c> from publish metadata ttlInSeconds (or ttl); an unusable value is ignored, as daprd does.</summary>
    public void ExpireAfter(IReadOnlyDictionary<string, string> metadata, DateTimeOffset now)
    {
        var text = metadata.FirstOrDefault(item => item.Key.Equals("ttl", StringComparison.OrdinalIgnoreCase) && item.Value.Length > 0).Value
            ?? metadata.FirstOrDefault(item => item.Key.Equals("ttlInSeconds", StringComparison.OrdinalIgnoreCase)).Value;
        if (Ttl(text) is { } ttl)
        {
            var limit = DateTimeOffset.MaxValue - now;
            attributes["expiration"] = Quote(Rfc3339(now + (ttl < limit ? ttl : limit - TimeSpan.FromDays(1))));
        }
    }

    public bool HasExpired(DateTimeOffset now) =>
        Text("expiration") is { Length: > 0 } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration)
        && expiration < now;

    /// <summary>UTF-8 JSON with the attributes in order of their names.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            WriteTo(writer);
        }
        return buffer.WrittenSpan.ToArray();
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in attributes.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
        }
        writer.WriteEndObject();
    }

    /// <summary>The first JSON value of the bytes; what follows it is ignored, as Go's decoder does. Null when there is none.</summary>
    internal static JsonElement? FirstValue(ReadOnlyMemory<byte> data)
    {
        try
        {
            return GoJson.Decode(data);
        }
        catch (GoJsonException)
        {
            return null;
        }
    }

    internal static JsonElement Quote(string value) => JsonSerializer.SerializeToElement(value, Relaxed);

    private void Inherit(IReadOnlyDictionary<string, string> metadata)
    {
        if (!attributes.ContainsKey("traceid") && metadata.TryGetValue("traceid", out var id))
        {
            attributes["traceid"] = Quote(id);
        }
        if (!attributes.ContainsKey("traceparent") && metadata.TryGetValue("traceparent", out var parent))
        {
            attributes["traceparent"] = attributes["traceid"] = Quote(parent);
        }
        if (!attributes.ContainsKey("tracestate") && metadata.TryGetValue("tracestate", out var state))
        {
            attributes["tracestate"] = Quote(state);
        }
    }

    private static void TakeTrace(Dictionary<string, JsonElement> envelope, IReadOnlyDictionary<string, string> metadata) =>
        new CloudEventEnvelope(envelope).Inherit(metadata);

    private static string? Override(IReadOnlyDictionary<string, string> metadata, string name)
    {
        var key = $"cloudevent.{name}";
        return metadata.TryGetValue(key, out var exact) ? exact
            : metadata.FirstOrDefault(item => item.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;
    }

    private static void Default(Dictionary<string, JsonElement> envelope, string name, string value)
    {
        if (!envelope.TryGetValue(name, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            envelope[name] = Quote(value);
        }
    }

    private static TimeSpan? Ttl(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds >= 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 9_000_000_000)) : null;
        }
        return !ComponentDuration.TryParse(text, out var duration) ? null : duration < TimeSpan.Zero ? TimeSpan.Zero : duration;
    }

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // Each invalid byte becomes one replacement character, as in Go.
    private static string Utf8Text(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var ok = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done;
            text.Append(rune.ToString());
            bytes = bytes[(ok ? consumed : 1)..];
        }
        return text.ToString();
    }
}
