using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarasol.Tests.E2e.Security;

/// <summary>Makes requests from an OpenAPI document: for each operation some as they should be, most of them wrong in one way or another.</summary>
internal sealed class RequestFuzzer(JsonElement document, IReadOnlyList<string> knownIds, IReadOnlyList<string> knownNames)
{
    private static readonly string[] Junk =
    [
        "", " ", "null", "0", "-1", "1e999", "true", "'", "\"", "' OR 1=1 --", "'; DROP TABLE letter; --", "%", "%25", "%00", "..", "../../etc/passwd", "..%2f..%2f", "%2e%2e%2f", "\\..\\", "<script>alert(1)</script>",
        "${jndi:ldap://x}", "{{7*7}}", "\u0000", "\r\nX-Injected: 1", "\u202E\u0627\u0644", "الجهة", "😀", "𝕏", "\uFFFD", "a\u0301", "{}", "[]", "[object Object]", "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "9999-99-99", "2026-02-30", "0001-01-01", "9223372036854775808", "NaN", "../internal/tenants", "/v1.0/metadata", "dapr-app-id",
    ];

    private static readonly string[] MediaTypes = ["application/json", "application/json", "application/json", "text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "image/png"];

    private readonly (string Path, string Method, JsonElement Operation)[] operations =
        [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (path.Name, operation.Name, operation.Value)))];

    public int Operations => operations.Length;

    /// <summary>The same random gives the same request.</summary>
    public HttpRequestMessage Next(Random random)
    {
        var (path, method, operation) = operations[random.Next(operations.Length)];
        var target = new StringBuilder();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            target.Append('/').Append(part.StartsWith('{') ? Uri.EscapeDataString(PathValue(random)) : part);
        var separator = '?';
        if (operation.TryGetProperty("parameters", out var parameters))
        {
            foreach (var parameter in parameters.EnumerateArray().Where(each => each.GetProperty("in").GetString() == "query" && random.Next(3) == 0))
            {
                target.Append(separator).Append(parameter.GetProperty("name").GetString()).Append('=').Append(Uri.EscapeDataString(Value(random)));
                separator = '&';
            }
        }

        var verb = random.Next(20) == 0 ? Pick(random, ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]) : method.ToUpperInvariant();
        var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(target.ToString(), UriKind.Relative));
        Sprinkle(request.Headers, random);
        if (operation.TryGetProperty("requestBody", out var body))
            request.Content = Body(body, random);
        return request;
    }

    private string PathValue(Random random) => random.Next(3) switch { 0 => Pick(random, knownIds), 1 => Guid.NewGuid().ToString(), _ => Value(random) is { Length: > 0 } text ? text : "x" };

    private static void Sprinkle(HttpRequestHeaders headers, Random random)
    {
        if (random.Next(4) == 0)
            headers.TryAddWithoutValidation("Idempotency-Key", Header(random));
        if (random.Next(6) == 0)
            headers.TryAddWithoutValidation("If-Match", random.Next(2) == 0 ? $"\"{Header(random)}\"" : Header(random));
        if (random.Next(6) == 0)
            headers.TryAddWithoutValidation("Accept-Language", Pick(random, ["ar", "en", "fr;q=0.5, ar", "*", "zz-ZZ-ZZ", "ar;q=nonsense"]));
        if (random.Next(10) == 0)
            headers.TryAddWithoutValidation("X-Tenant", Pick(random, ["platform", "acme", "nobody", "../x", ""]));
        if (random.Next(15) == 0)
            headers.TryAddWithoutValidation(Pick(random, ["dapr-app-id", "X-Forwarded-For", "traceparent", "Forwarded", "dapr-api-token", "X-HTTP-Method-Override"]), Header(random));
    }

    // What a client library lets through as a header.
    private static string Header(Random random) => new([.. Pick(random, Junk).Where(letter => letter is > ' ' and < '\x7f')]);

    private HttpContent Body(JsonElement body, Random random)
    {
        var media = Pick(random, MediaTypes);
        if (random.Next(12) == 0)
            return Text(Pick(random, ["", "{", "[1,", "nonsense", "null", "\"text\"", "[]", "{\"a\":1,\"a\":2}", new string('[', 2000), "{\"x\":" + new string('9', 5000) + "}"]), media);
        var schema = body.GetProperty("content").EnumerateObject().First().Value.GetProperty("schema");
        var value = Make(schema, random, 0);
        if (random.Next(4) == 0 && value is JsonObject members)
            members[Pick(random, ["unknown", "id", "tenant", "status", "isAdmin", "roles", "__proto__"])] = Anything(random);
        var json = value?.ToJsonString() ?? "null";
        return media.StartsWith("application/x-www-form", StringComparison.Ordinal) ? new FormUrlEncodedContent([new("json", json)]) : Text(json, media);
    }

    private static StringContent Text(string text, string media)
    {
        var content = new StringContent(text, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        return content;
    }

    private JsonNode? Make(JsonElement schema, Random random, int depth)
    {
        if (random.Next(15) == 0)
            return Anything(random);
        if (schema.TryGetProperty("$ref", out var reference))
            return Make(document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), random, depth + 1);
        foreach (var choice in new[] { "oneOf", "anyOf", "allOf" })
        {
            if (schema.TryGetProperty(choice, out var choices))
                return Make(choices[random.Next(choices.GetArrayLength())], random, depth + 1);
        }

        if (schema.TryGetProperty("enum", out var values))
            return JsonNode.Parse(values[random.Next(values.GetArrayLength())].GetRawText());
        switch (Type(schema))
        {
            case "object":
                var made = new JsonObject();
                if (schema.TryGetProperty("properties", out var properties) && depth < 6)
                {
                    foreach (var property in properties.EnumerateObject().Where(_ => random.Next(12) != 0))
                        made[property.Name] = Make(property.Value, random, depth + 1);
                }

                return made;
            case "array":
                return new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => schema.TryGetProperty("items", out var items) ? Make(items, random, depth + 1) : Anything(random))]);
            case "integer" or "number":
                return random.Next(3) == 0 ? random.NextInt64() : random.Next(-2, 5);
            case "boolean":
                return random.Next(2) == 0;
            default:
                return Format(schema) switch
                {
                    "uuid" => Pick(random, knownIds),
                    "date" => new DateOnly(2026, 1, 1).AddDays(random.Next(600)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    _ => Value(random),
                };
        }
    }

    private string Value(Random random) => random.Next(4) switch { 0 => Pick(random, knownNames), 1 => new string((char)random.Next('a', 'z'), random.Next(1, random.Next(10) == 0 ? 200_000 : 60)), _ => Pick(random, Junk) };

    private JsonNode? Anything(Random random) => random.Next(7) switch
    {
        0 => null, 1 => true, 2 => random.NextInt64(), 3 => new JsonArray(1, "x", new JsonObject()), 4 => new JsonObject { ["$ref"] = "x" }, 5 => double.MaxValue, _ => Value(random),
    };

    private static string? Type(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? "string"
        : type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(each => each.GetString()).FirstOrDefault(each => each != "null") : type.GetString();

    private static string? Format(JsonElement schema) => schema.TryGetProperty("format", out var format) ? format.GetString() : null;

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
