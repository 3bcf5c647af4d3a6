using System.Text.Json;
using System.Text.Json.Nodes;
using Tarasol.Tests.Integration.Isolation;

namespace Tarasol.Tests.Integration.BadInput;

/// <summary>A body that its schema allows but for one thing.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Field">Where, as the answer has to name it.</param>
/// <param name="Json">The body.</param>
internal sealed record WrongBody(string What, string Field, string Json)
{
    /// <summary>Everything that can be wrong with the body of an operation, as its OpenAPI document describes it.</summary>
    public static IEnumerable<WrongBody> Of(Operation operation)
    {
        var body = operation.Body(Guid.CreateVersion7().ToString(), $"w{Guid.NewGuid():N}"[..20])!.Value;
        return new Walk(operation).At(operation.BodySchema!.Value, JsonNode.Parse(body.GetRawText()), "", wrong => wrong);
    }

    private sealed class Walk(Operation operation)
    {
        /// <param name="schema">What may be here.</param>
        /// <param name="good">What is here.</param>
        /// <param name="path">Where this is.</param>
        /// <param name="instead">The whole body with something else here.</param>
        public IEnumerable<WrongBody> At(JsonElement schema, JsonNode? good, string path, Func<JsonNode?, JsonNode?> instead)
        {
            schema = operation.Resolve(schema);
            var field = path.Length == 0 ? "$" : path;
            foreach (var (what, wrong) in Values(schema, good))
                yield return new(what, field, instead(wrong)?.ToJsonString() ?? "null");
            if (Is(schema, "string") && !schema.TryGetProperty("enum", out _) && !schema.TryGetProperty("format", out _))
            {
                // What a writer of JSON would not write.
                foreach (var (what, text) in new[] { ("NUL", "\"a\\u0000b\""), ("half a character", "\"a\\ud800b\"") })
                    yield return new(what, field, instead("<here>")!.ToJsonString().Replace("\"\\u003Chere\\u003E\"", text, StringComparison.Ordinal));
            }
            foreach (var wrong in good switch { JsonObject members => Members(schema, members, path, instead), JsonArray { Count: > 0 } items => Items(schema, items, path, instead), _ => [] })
                yield return wrong;
        }

        private IEnumerable<WrongBody> Members(JsonElement schema, JsonObject good, string path, Func<JsonNode?, JsonNode?> instead)
        {
            if (!schema.TryGetProperty("properties", out var properties))
                yield break;
            yield return new("unknown member", PathOf("surprise"), With("surprise", 1)!.ToJsonString());
            var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!).ToHashSet() : [];
            foreach (var property in properties.EnumerateObject())
            {
                if (required.Contains(property.Name))
                {
                    var without = good.DeepClone().AsObject();
                    without.Remove(property.Name);
                    yield return new("missing", PathOf(property.Name), instead(without)!.ToJsonString());
                }
                if (!IsNullable(property.Value))
                    yield return new("null", PathOf(property.Name), With(property.Name, null)!.ToJsonString());
                foreach (var wrong in At(property.Value, good[property.Name], PathOf(property.Name), value => With(property.Name, value)))
                    yield return wrong;
            }

            string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

            JsonNode? With(string name, JsonNode? value)
            {
                var changed = good.DeepClone().AsObject();
                changed[name] = value;
                return instead(changed);
            }
        }

        private IEnumerable<WrongBody> Items(JsonElement schema, JsonArray good, string path, Func<JsonNode?, JsonNode?> instead) =>
            schema.TryGetProperty("items", out var item) ? At(item, good[0], $"{path}[0]", value => instead(new JsonArray(value))) : [];

        private static IEnumerable<(string What, JsonNode? Value)> Values(JsonElement schema, JsonNode? good)
        {
            if (schema.TryGetProperty("enum", out var values))
                return [("no such value", "no-such-value"), ("another spelling", values.EnumerateArray().First(value => value.ValueKind == JsonValueKind.String).GetString()!.ToUpperInvariant()), ("wrong type", 1), ("wrong type", new JsonArray())];
            if (Is(schema, "object"))
                return [("wrong type", 7), ("wrong type", "text"), ("wrong type", new JsonArray())];
            if (Is(schema, "array"))
                return [("wrong type", "text"), ("wrong type", new JsonObject()), .. Lengths(schema, good)];
            if (Is(schema, "boolean"))
                return [("wrong type", "true"), ("wrong type", 1)];
            if (Is(schema, "integer") || Is(schema, "number"))
                return [("wrong type", "1"), ("wrong type", true), ("not whole", 1.5), ("too large", JsonNode.Parse(new string('9', 400))), .. Limits(schema)];
            return Is(schema, "string") ? [("wrong type", 12), ("wrong type", true), ("wrong type", new JsonObject()), .. Texts(schema)] : [];
        }

        private static IEnumerable<(string, JsonNode?)> Lengths(JsonElement schema, JsonNode? good)
        {
            if (schema.TryGetProperty("maxItems", out var most) && good is JsonArray { Count: > 0 } items)
                yield return ("too many", new JsonArray([.. Enumerable.Range(0, most.GetInt32() + 1).Select(_ => items[0]?.DeepClone())]));
            if (schema.TryGetProperty("minItems", out var least) && least.GetInt32() > 0)
                yield return ("too few", new JsonArray());
        }

        private static IEnumerable<(string, JsonNode?)> Limits(JsonElement schema)
        {
            if (schema.TryGetProperty("minimum", out var least))
                yield return ("too small", least.GetInt64() - 1);
            if (schema.TryGetProperty("maximum", out var most))
                yield return ("too large", most.GetInt64() + 1);
        }

        private static IEnumerable<(string, JsonNode?)> Texts(JsonElement schema)
        {
            foreach (var wrong in (schema.TryGetProperty("format", out var format) ? format.GetString() : null) switch
                     {
                         "uuid" => new[] { "not-a-uuid", "" },
                         "date" => ["2026-02-30", "31.01.2026", "2026-01-31T00:00:00Z", ""],
                         "date-time" => ["yesterday", "2026-01-31T25:00:00Z", ""],
                         "time" => ["noon", "25:00:00", ""],
                         _ => [],
                     })
                yield return ("not readable", wrong);
            if (schema.TryGetProperty("maxLength", out var longest))
                yield return ("too long", new string('x', longest.GetInt32() + 1));
            if (schema.TryGetProperty("minLength", out var shortest) && shortest.GetInt32() > 0)
                yield return ("too short", "");
            if (schema.TryGetProperty("pattern", out _))
                yield return ("wrong form", "\t ?");
        }

        private static bool Is(JsonElement schema, string type) => Operation.Types(schema).Contains(type);

        // A schema that says nothing of types is one that refers to another, one of several, a list of values, or anything.
        private static bool IsNullable(JsonElement schema) => Operation.Types(schema).Contains("null") || Choices(schema).Any(choice => Operation.Types(choice).Contains("null"))
            || Operation.Types(schema).Count == 0 && !Choices(schema).Any() && !schema.TryGetProperty("$ref", out _) && !schema.TryGetProperty("enum", out _);

        private static IEnumerable<JsonElement> Choices(JsonElement schema) =>
            schema.TryGetProperty("oneOf", out var choices) || schema.TryGetProperty("anyOf", out choices) ? choices.EnumerateArray() : [];
    }
}
