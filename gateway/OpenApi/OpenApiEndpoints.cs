using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Template;
using Tarasol.ServiceDefaults.Hosting;
using Yarp.ReverseProxy.Configuration;

namespace Tarasol.Gateway.OpenApi;

/// <summary>GET /openapi.json, the whole public API, and GET /openapi, the same for people.</summary>
internal static class OpenApiEndpoints
{
    public static void AddOpenApiOfAll(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient<ServiceDocuments>(http => http.Timeout = TimeSpan.FromSeconds(5)).AddHttpMessageHandler<SidecarTokenHandler>();
        builder.Services.AddSingleton<DocumentCache>();
    }

    public static void MapOpenApiOfAll(this WebApplication app)
    {
        app.MapGet("/openapi.json", async (ServiceDocuments documents, CancellationToken cancel) =>
            Results.Content((await documents.MergeAsync(cancel)).ToJsonString(), "application/json")).AllowAnonymous();
        app.MapGet("/openapi", async (HttpResponse response, ServiceDocuments documents, CancellationToken cancel) =>
        {
            response.Headers.ContentSecurityPolicy = OpenApiPage.ContentSecurityPolicy;
            response.Headers.Vary = "Accept-Language";
            return Results.Content(OpenApiPage.Render(await documents.MergeAsync(cancel), CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ar"), "text/html; charset=utf-8");
        }).AllowAnonymous();
    }
}

/// <summary>Reads the documents of the services behind routes.json and keeps the whole for a minute, if it is one.</summary>
internal sealed class ServiceDocuments(HttpClient http, SidecarAddress sidecar, IProxyConfigProvider routes, IConfiguration configuration, DocumentCache cache, ILogger<ServiceDocuments> log)
{
    public async Task<JsonObject> MergeAsync(CancellationToken cancel)
    {
        if (cache.Fresh is { } known)
            return known;
        var config = routes.GetConfig();
        var services = config.Clusters.Select(cluster => cluster.ClusterId).Order(StringComparer.Ordinal);
        var documents = await Task.WhenAll(services.Select(async service => (service, await ReadAsync(service, cancel))));
        var templates = config.Routes.Where(route => route.Match.Path is not null).Select(route => new TemplateMatcher(TemplateParser.Parse(route.Match.Path!), [])).ToList();
        var merged = MergedDocument.Make(documents, path => templates.Any(template => template.TryMatch(path, [])), configuration["TARASOL_PUBLIC_URL"] ?? "/");
        if (!merged.ContainsKey("x-missing-services"))
            cache.Keep(merged);
        return merged;
    }

    private async Task<JsonObject?> ReadAsync(string service, CancellationToken cancel)
    {
        try
        {
            return await http.GetFromJsonAsync<JsonObject>(new Uri(sidecar.Invoke(service), "openapi/v1.json"), cancel);
        }
        catch (Exception failure) when (failure is HttpRequestException or System.Text.Json.JsonException || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogWarning("No OpenAPI document of {Service}: {Reason}", service, failure.Message);
            return null;
        }
    }
}

internal sealed class DocumentCache(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private (JsonObject Document, long At)? last;

    public JsonObject? Fresh => last is { } known && time.GetElapsedTime(known.At) < Kept ? known.Document : null;

    public void Keep(JsonObject document) => last = (document, time.GetTimestamp());
}
