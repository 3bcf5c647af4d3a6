using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Tarasol.Gateway.OpenApi;

/// <summary>The document for people: one page of plain HTML without scripts, in the language of the reader.</summary>
internal static class OpenApiPage
{
    /// <summary>The page's only style, by its hash; everything else is forbidden.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2733}
        h2{margin-top:2.5rem;border-bottom:1px solid #c9d3dc}
        article{margin:1rem 0;padding:.75rem 1rem;border:1px solid #dde4ea;border-radius:.4rem}
        code,pre{direction:ltr;unicode-bidi:isolate;font:14px/1.4 ui-monospace,monospace}
        .method{display:inline-block;min-width:4rem;font-weight:700;color:#0b5c8a}
        .warning{background:#fff4d6;padding:.5rem 1rem}
        """;

    public static string Render(JsonObject document, bool arabic)
    {
        var page = new List<string>();
        page.Add($"<!doctype html><html lang=\"{(arabic ? "ar" : "en")}\" dir=\"{(arabic ? "rtl" : "ltr")}\"><head><meta charset=\"utf-8\"><title>{(arabic ? "واجهة تراسل البرمجية" : "Tarasol API")}</title><style>{Style}</style></head><body>");
        page.Add($"<h1>{(arabic ? "واجهة تراسل البرمجية" : "Tarasol API")}</h1><p><a href=\"/openapi.json\">openapi.json</a> (OpenAPI 3.1)</p>");
        if (document["x-missing-services"] is JsonArray missing)
            page.Add($"<p class=\"warning\">{(arabic ? "خدمات لا تستجيب الآن" : "Services that do not answer at the moment")}: {Html(string.Join(", ", missing))}</p>");
        var operations = ((JsonObject)document["paths"]!).SelectMany(path => ((JsonObject)path.Value!).Select(operation => (Path: path.Key, Method: operation.Key, Operation: operation.Value!)));
        foreach (var service in operations.Where(each => each.Operation is JsonObject).GroupBy(each => $"{each.Operation["tags"]?[0]}"))
        {
            page.Add($"<h2>{Html(service.Key)}</h2>");
            foreach (var (path, method, operation) in service)
                Append(page, path, method, operation, arabic);
        }

        page.Add("</body></html>");
        return string.Concat(page);
    }

    private static void Append(List<string> page, string path, string method, JsonNode operation, bool arabic)
    {
        page.Add($"<article><div><span class=\"method\">{Html(method.ToUpperInvariant())}</span><code>{Html(path)}</code></div>");
        if (operation["summary"] is { } summary)
            page.Add($"<p>{Html($"{summary}")}</p>");
        if (operation["parameters"] is JsonArray { Count: > 0 } parameters)
        {
            page.Add($"<p>{(arabic ? "المعاملات" : "Parameters")}: {string.Join(", ", parameters.Select(each => $"<code>{Html($"{each!["name"]}")}</code> ({Html($"{each["in"]}")})"))}</p>");
        }

        if (Schema(operation["requestBody"]?["content"]) is { } body)
            page.Add($"<p>{(arabic ? "النص" : "Body")}: <code>{Html(body)}</code></p>");
        if (operation["responses"] is JsonObject responses)
            page.Add($"<p>{(arabic ? "الإجابات" : "Answers")}: {string.Join(", ", responses.Select(each => $"<code>{Html(each.Key)}</code>{(Schema(each.Value?["content"]) is { } schema ? $" <code>{Html(schema)}</code>" : "")}"))}</p>");
        page.Add("</article>");
    }

    private static string? Schema(JsonNode? content) => (content as JsonObject)?.FirstOrDefault().Value?["schema"]?["$ref"]?.GetValue<string>().Split('/')[^1];

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
