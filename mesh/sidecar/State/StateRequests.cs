using System.Globalization;
using System.Text.Json;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.State;

/// <summary>A set or delete as a client asked for it, the same for both APIs.</summary>
/// <param name="Key">Without prefix.</param>
/// <param name="Value">Bytes to store; empty for a delete.</param>
/// <param name="IsText">The value is JSON text.</param>
/// <param name="ETag">Null or empty: unconditional.</param>
/// <param name="Concurrency">Dapr's words, or empty.</param>
/// <param name="Consistency">Dapr's words, or empty.</param>
/// <param name="Metadata">Of the request, ttlInSeconds for example.</param>
internal sealed record StateRequest(
    string Key, ReadOnlyMemory<byte> Value, bool IsText, string? ETag, string Concurrency, string Consistency, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Reads Dapr's JSON form; <paramref name="extra"/> is metadata from the query, which wins. Throws <see cref="GoJsonException"/>.</summary>
    public static StateRequest Read(JsonElement request, IReadOnlyDictionary<string, string> extra, string goStruct)
    {
        var metadata = request.Texts("metadata", goStruct);
        foreach (var (name, value) in extra)
            metadata[name] = value;
        var options = request.Member("options");
        if (options is { ValueKind: not JsonValueKind.Object } other)
            throw GoJson.Mismatch(other, $"struct field {goStruct}.options of type state.SetStateOption");
        return new StateRequest(
            request.Text("key", goStruct) ?? "",
            request.Member("value") is { } given ? GoJson.Encode(given) : "null"u8.ToArray(),
            IsText: true,
            request.Text("etag", goStruct),
            options?.Text("concurrency", "SetStateOption.options") ?? "",
            options?.Text("consistency", "SetStateOption.options") ?? "",
            metadata);
    }

    /// <summary>The operation for the store. Throws <see cref="StateOptionException"/> on options or metadata without meaning.</summary>
    public SetState Set(string key, IStateStore store)
    {
        var concurrency = ParseOptions();
        if (key.Length == 0)
            throw new StateOptionException("missing key in set option");
        var ttl = Metadata.GetValueOrDefault("ttlInSeconds") is { Length: > 0 } text ? store.ParseTtl(text) : (int?)null;
        return new SetState(key, Value, ETag, concurrency, ttl, IsText, Consistency == "strong" ? State.Consistency.Strong : State.Consistency.Unspecified);
    }

    public DeleteState Delete(string key)
    {
        var concurrency = ParseOptions();
        if (key.Length == 0)
            throw new StateOptionException("missing key in delete operation");
        return new DeleteState(key, ETag, concurrency);
    }

    private Concurrency ParseOptions()
    {
        if (Consistency is not ("" or "strong" or "eventual"))
            throw new StateOptionException($"unrecognized consistency model '{Consistency}'");
        return Concurrency switch
        {
            "" => State.Concurrency.Unspecified,
            "first-write" => State.Concurrency.FirstWrite,
            "last-write" => State.Concurrency.LastWrite,
            _ => throw new StateOptionException($"unrecognized concurrency model '{Concurrency}'"),
        };
    }
}

/// <summary>What Dapr's stores make of the metadata ttlInSeconds. All throw <see cref="StateOptionException"/>.</summary>
internal static class StateTtl
{
    /// <summary>From -1 up; 0 and -1 mean: never expires.</summary>
    public static int Strict(string text)
    {
        const string Wrong = "error parsing TTL: incorrect value for metadata 'ttlInSeconds': ";
        if (Parse(text, "ParseInt", Wrong) is var seconds and >= -1 and <= int.MaxValue)
            return (int)seconds;
        throw new StateOptionException($"{Wrong}must be -1 or greater");
    }

    /// <summary>Every whole number; 0 and less mean: never expires.</summary>
    public static int Lenient(string text) => (int)Math.Clamp(Parse(text, "Atoi", ""), 0, int.MaxValue);

    /// <summary>Every whole number; 0 and less mean: never expires.</summary>
    public static int AnyNumber(string text) => (int)Math.Clamp(Parse(text, "ParseInt", "failed to parse ttl from metadata: "), -1, int.MaxValue);

    private static long Parse(string text, string function, string prefix)
    {
        var digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            throw new StateOptionException($"{prefix}strconv.{function}: parsing \"{text}\": invalid syntax");
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number : throw new StateOptionException($"{prefix}strconv.{function}: parsing \"{text}\": value out of range");
    }
}

/// <summary>Options that the store cannot follow; the message goes to the client.</summary>
internal sealed class StateOptionException(string message) : Exception(message);
