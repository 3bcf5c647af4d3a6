using Grpc.Core;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Metadata;

/// <summary>
/// Health of the sidecar: outbound as soon as the APIs can be used and the servers of all components were there once, whole once the app is there too and all
/// its parts run.
/// </summary>
internal static class HealthApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1.0/healthz", Whole);
        routes.MapGet("/v1.0/healthz/outbound", Outbound);
    }

    private static Task Whole(HttpContext context)
    {
        var app = context.App();
        if (Waiting(app) is { Count: > 0 } waiting)
            throw Unhealthy("ERR_HEALTH_NOT_READY", $"dapr is not ready: [{string.Join(", ", waiting)}]");
        if (context.Request.Query["appid"] is [var asked, ..] && asked != app.AppId)
            throw Unhealthy("ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match");
        return context.Response.NoContentAsync();
    }

    private static Task Outbound(HttpContext context)
    {
        var app = context.App();
        var waiting = Components(app).ToList();
        if (app.ApiReady && waiting.Count == 0)
            return context.Response.NoContentAsync();
        throw Unhealthy("ERR_OUTBOUND_HEALTH_NOT_READY", waiting.Count == 0 ? "dapr outbound is not ready" : $"dapr outbound is not ready: [{string.Join(", ", waiting)}]");
    }

    private static List<string> Waiting(AppRuntime app) => !app.ApiReady ? ["api"] : [.. Components(app), .. app.Started ? Array.Empty<string>() : ["app"]];

    private static IEnumerable<string> Components(AppRuntime app) => app.Components.All
        .Where(component => component.Instance is IServerComponent { NotReady: not null })
        .Select(component => $"component {component.Spec.Name}: {((IServerComponent)component.Instance).NotReady}");

    private static DaprException Unhealthy(string code, string message) => new(code, StatusCodes.Status500InternalServerError, StatusCode.Internal, message);
}
