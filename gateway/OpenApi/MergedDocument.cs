using System.Text.Json.Nodes;

namespace Tarasol.Gateway.OpenApi;

/// <summary>Makes one OpenAPI document of those of the services: what the gateway's routes let through, with schemas and operations named by their service.</summary>
internal static class MergedDocument
{
    private const string SchemaPath = "#/components/schemas/";
    private static readonly string[] SharedSchemas = ["Problem"];

    /// <param name="services">Each service's own document; null for one that did not answer.</param>
    /// <param name="isPublic">True for a path that the gateway has a route for.</param>
    /// <param name="publicUrl">Where clients find the gateway.</param>
    public static JsonObject Make(IEnumerable<(string Service, JsonObject? Document)> services, Func<string, bool> isPublic, string publicUrl)
    {
        var (paths, schemas, tags, missing) = (new JsonObject(), new JsonObject(), new JsonArray(), new JsonArray());
        JsonNode? security = null;
        foreach (var (service, document) in services)
        {
            if (document is null)
            {
                missing.Add(service);
                continue;
            }

            tags.Add(new JsonObject { ["name"] = service });
            foreach (var (path, item) in Object(document["paths"]).Where(path => isPublic(path.Key)))
                paths[path] = Renamed(item!, service);
            foreach (var (name, schema) in Object(document["components"]?["schemas"]))
                schemas[NameOf(name, service)] = Renamed(schema!, service);
            security ??= document["components"]?["securitySchemes"]?.DeepClone();
        }

        var merged = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "Tarasol", ["version"] = "1", ["description"] = "Official letters: registered, numbered, routed, decided and audited. المراسلات الرسمية: قيدها وترقيمها وإحالتها والبت فيها وتدقيقها." },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = publicUrl }),
            ["tags"] = tags,
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas, ["securitySchemes"] = security },
        };
        if (missing.Count > 0)
            merged["x-missing-services"] = missing;
        return merged;
    }

    private static JsonObject Object(JsonNode? node) => node as JsonObject ?? [];

    private static string NameOf(string schema, string service) => SharedSchemas.Contains(schema) ? schema : $"{service}.{schema}";

    private static JsonNode Renamed(JsonNode node, string service)
    {
        switch (node)
        {
            case JsonObject from:
                var copy = new JsonObject();
                foreach (var (name, value) in from)
                {
                    copy[name] = (name, value) switch
                    {
                        ("$ref", JsonValue text) when text.GetValue<string>() is var target && target.StartsWith(SchemaPath, StringComparison.Ordinal) => SchemaPath + NameOf(target[SchemaPath.Length..], service),
                        ("tags", JsonArray) => new JsonArray(service),
                        ("operationId", JsonValue id) => $"{service}.{id.GetValue<string>()}",
                        (_, null) => null,
                        _ => Renamed(value, service),
                    };
                }

                return copy;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : Renamed(item, service))]);
            default:
                return node.DeepClone();
        }
    }
}
