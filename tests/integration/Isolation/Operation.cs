using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tarasol.Tests.Integration.Isolation;

/// <summary>One public operation as its service's OpenAPI document describes it.</summary>
internal sealed partial record Operation(string AppId, HttpMethod Method, string Path, JsonElement Description, JsonElement Document)
{
    // Members that cannot be given together with another of the same body.
    private static readonly (string Route, string Member)[] OnlyAlone =
        [("/referrals", ".items.unitId"), ("/routing", ".circuit"), ("/routing", ".chosen"), ("/extension", ".hours"), ("/tenants", ".database.serverSecret")];

    public string Name => $"{Method} {Path}";

    /// <summary>Names of the path's parameters, in order.</summary>
    public IReadOnlyList<string> Parameters { get; } = [.. Placeholder().Matches(Path).Select(match => match.Groups[1].Value)];

    /// <summary>All operations of a document.</summary>
    public static IEnumerable<Operation> Of(string appId, JsonElement document)
    {
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
                yield return new(appId, HttpMethod.Parse(operation.Name), path.Name, operation.Value, document);
        }
    }

    /// <summary>True when the path parameter is a UUID.</summary>
    public bool IsUuid(string parameter) => Described("path", parameter) is { } schema && schema.TryGetProperty("format", out var format) && format.GetString() == "uuid";

    /// <summary>Names of the query's parameters.</summary>
    public IEnumerable<string> Query => QuerySchemas.Select(each => each.Name);

    /// <summary>The query's parameters with what the document says of each.</summary>
    public IEnumerable<(string Name, JsonElement Schema)> QuerySchemas => All().Where(each => each.In == "query").Select(each => (each.Name, each.Schema));

    /// <summary>What the document says of the body; null: it takes none, or not JSON.</summary>
    public JsonElement? BodySchema => Description.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/json", out var json) ? json.GetProperty("schema") : null;

    /// <summary>True when it takes an Idempotency-Key.</summary>
    public bool TakesKey => All().Any(each => each is { In: "header", Name: "Idempotency-Key" });

    /// <summary>The path with values in place of its parameters.</summary>
    public string With(IReadOnlyList<string> values)
    {
        var at = 0;
        return Placeholder().Replace(Path, _ => Uri.EscapeDataString(values[at++])).TrimStart('/');
    }

    /// <summary>A body that its schema allows: every UUID and every free text as given. Null: it takes none.</summary>
    public JsonElement? Body(string id, string text)
    {
        if (!Description.TryGetProperty("requestBody", out var body))
            return null;
        if (!body.GetProperty("content").TryGetProperty("application/json", out var json))
            throw new NotSupportedException($"{Name}: its body is not JSON, and this test does not know how to make it.");
        return JsonSerializer.SerializeToElement(Value(json.GetProperty("schema"), id, text, ""));
    }

    /// <summary>The schema itself, where it refers to one by name or is one of several.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Resolve(Document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]));
        if (schema.TryGetProperty("oneOf", out var choices) || schema.TryGetProperty("anyOf", out choices))
            return Resolve(choices.EnumerateArray().First(choice => Types(choice) is not ["null"]));
        return schema;
    }

    private object? Value(JsonElement schema, string id, string text, string path)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("enum", out var values))
            return values.EnumerateArray().First(value => value.ValueKind != JsonValueKind.Null);
        switch (Types(schema))
        {
            case [.., "object"] or ["object", ..]:
                return schema.TryGetProperty("properties", out var properties)
                    ? properties.EnumerateObject().Where(property => !OnlyAlone.Any(alone => Path.EndsWith(alone.Route, StringComparison.Ordinal) && alone.Member == $"{path}.{property.Name}")).ToDictionary(property => property.Name, property => Value(property.Value, id, text, $"{path}.{property.Name}"))
                    : new Dictionary<string, object?>();
            // Of things that must be there already.
            case ["array", ..] or [.., "array"] when path.EndsWith(".links", StringComparison.Ordinal):
                return Array.Empty<object>();
            case ["array", ..] or [.., "array"]:
                return new[] { schema.TryGetProperty("items", out var items) ? Value(items, id, text, path) : text };
            case ["boolean", ..] or [.., "boolean"]:
                return false;
            case var types when types.Contains("integer") || types.Contains("number"):
                return schema.TryGetProperty("minimum", out var minimum) ? minimum : path.EndsWith(".year", StringComparison.Ordinal) ? 2026 : 1;
            // Anything will do where the schema says nothing.
            case var types when types.Contains("string") || types.Count == 0:
                return Text(schema, id, text, path);
            default:
                throw new NotSupportedException($"{Name}: this test does not know how to make {path}: {schema.GetRawText()}");
        }
    }

    private string Text(JsonElement schema, string id, string text, string path)
    {
        // What must be there already for a request to go on.
        if (path.EndsWith(".roles", StringComparison.Ordinal))
            return "handler";
        if (path.EndsWith(".permissions", StringComparison.Ordinal))
            return "directory.unit.read";
        // People who are there in both tenants, and for each request another day: what one person gives another never overlaps.
        if (path.EndsWith(".principal", StringComparison.Ordinal))
            return "admin";
        if (path.EndsWith(".delegate", StringComparison.Ordinal))
            return "head";
        if (path.EndsWith(".email", StringComparison.Ordinal))
            return $"{text}@example.org";
        if (path.EndsWith(".timeZone", StringComparison.Ordinal))
            return "UTC";
        if (path is ".from" or ".until")
            return new DateOnly(2030, 1, 1).AddDays((int)(BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(text))) % 300_000)).ToString("O", CultureInfo.InvariantCulture);
        if (path.EndsWith(".letterType", StringComparison.Ordinal) || path.EndsWith(".letterTypes", StringComparison.Ordinal))
            return "own-type";
        if (path.EndsWith(".hostNames", StringComparison.Ordinal))
            return $"{text.ToLowerInvariant()}.example.org";
        if (path == ".format")
            return "tarasol-settings/1";
        if (path.EndsWith(".fromPeriod", StringComparison.Ordinal))
            return "2030";
        if (path.EndsWith(".classification", StringComparison.Ordinal))
            return "1";
        if (path.EndsWith(".mask", StringComparison.Ordinal))
            return $"{text}/{{year}}/{{seq}}";
        var format = schema.TryGetProperty("format", out var given) ? given.GetString() : null;
        var made = format switch
        {
            "uuid" => id,
            "date" => "2026-01-31",
            "date-time" => "2026-01-31T08:30:00+00:00",
            "time" => "14:00:00",
            null => path.EndsWith("assword", StringComparison.Ordinal) ? $"Korrekt-9-{text}" : text,
            _ => throw new NotSupportedException($"{Name}: this test does not know the format {format} of {path}."),
        };
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(made, pattern.GetString()!))
            made = new[] { text.ToUpperInvariant(), text.ToLowerInvariant(), "abc" }.FirstOrDefault(each => Regex.IsMatch(each, pattern.GetString()!))
                ?? throw new NotSupportedException($"{Name}: this test does not know a value of {path} that looks like {pattern}.");
        return schema.TryGetProperty("maxLength", out var longest) && made.Length > longest.GetInt32() ? made[..longest.GetInt32()] : made;
    }

    /// <summary>The JSON types that a schema allows.</summary>
    public static IReadOnlyList<string> Types(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? []
        : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(each => each.GetString()!)] : [type.GetString()!];

    private JsonElement? Described(string place, string name) => All().Where(each => each.In == place && each.Name == name).Select(each => (JsonElement?)each.Schema).FirstOrDefault();

    private IEnumerable<(string Name, string In, JsonElement Schema)> All() => Description.TryGetProperty("parameters", out var parameters)
        ? parameters.EnumerateArray().Select(each => (each.GetProperty("name").GetString()!, each.GetProperty("in").GetString()!, each.GetProperty("schema")))
        : [];

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Placeholder();
}
