using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Invocation;

namespace Tarasol.Sidecar.Hosting;

/// <summary>What every request passes before it reaches a building block, in daprd's order: body limit, trace, token, path, route.</summary>
internal static class HttpApi
{
    private static readonly string[] TokenFree = ["/v1.0/healthz", "/v1.0/healthz/outbound"];
    private static readonly string[] PublicRoutes = ["v1.0/healthz", "v1.0/healthz/outbound", "v1.0/metadata"];

    public static void Use(WebApplication host, SidecarOptions options)
    {
        var metrics = host.Services.GetRequiredService<SidecarMetrics>();
        if (metrics.Enabled)
        {
            host.Services.GetRequiredService<MeterBridge>();
            host.Use((context, next) => MeasureAsync(context, metrics, next));
        }
        host.Use((context, next) => context.ApiPort().Kind == ApiKind.Http ? LimitAsync(context, options, next) : next(context));
        host.UseWhen(context => context.ApiPort().Kind is ApiKind.Http or ApiKind.Internal or ApiKind.Public, http => http.UseMiddleware<HttpErrors>());
        host.Services.GetRequiredService<SpanExport>();
        host.Use(TraceAsync);
        host.Use(CheckTokenAsync);
        host.Use((context, next) => context.ApiPort() is { Kind: ApiKind.Http, App.Pipeline: { } pipeline } ? pipeline.InvokeAsync(context, next) : next(context));
        host.Use(CleanPathAsync);
        host.UseRouting();
        host.Use(RouteAsync);
    }

    private static async Task MeasureAsync(HttpContext context, SidecarMetrics metrics, RequestDelegate next)
    {
        if (context.ApiPort() is { Kind: ApiKind.Metrics })
        {
            if (ApiPath.Clean(ApiPath.Raw(context)) is not ("/" or "/metrics"))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await metrics.Registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
            return;
        }
        if (context.ApiPort() is not { Kind: ApiKind.Http, App: { } app })
        {
            await next(context);
            return;
        }
        var started = metrics.Now;
        try
        {
            await next(context);
        }
        finally
        {
            metrics.HttpServed(app, context.Request.Method, ApiPath.Raw(context), context.Response.StatusCode, started);
        }
    }

    private static Task LimitAsync(HttpContext context, SidecarOptions options, RequestDelegate next)
    {
        var length = context.Request.ContentLength;
        if (length > options.MaxBodySize || (length is null && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false))
            context.Request.Body = new LimitedBody(context.Request.Body, length, options.MaxBodySize);
        return next(context);
    }

    private static Task TraceAsync(HttpContext context, RequestDelegate next)
    {
        var trace = TraceContext.Accept(context.Request.Headers);
        if (context.ApiPort().App is { Spans: not null } app && SpanAsync(context, app, trace, next) is { } exported)
            return exported;
        TraceContext.Current = trace;
        if (context.ApiPort().Kind == ApiKind.Http)
            context.Response.Headers.TraceParent = trace.TraceParent;
        return next(context);
    }

    /// <summary>Null when this request has no span that is exported; health checks have none.</summary>
    private static Task? SpanAsync(HttpContext context, AppRuntime app, TraceContext trace, RequestDelegate next)
    {
        var grpc = context.ApiPort().Kind == ApiKind.Grpc;
        var name = grpc ? context.Request.Path.Value! : ApiPath.Raw(context);
        if (name.StartsWith("/v1.0/healthz", StringComparison.Ordinal))
            return null;
        var span = app.Start(name, ActivityKind.Server, context.Request.Headers.TraceParent, context.Request.Headers.TraceState);
        return span is null ? null : RunAsync();

        async Task RunAsync()
        {
            using (span)
            {
                TraceContext.Current = span.Context(trace);
                span.SetTag("dapr.protocol", grpc ? "grpc" : "http");
                span.SetTag("dapr.api", grpc ? name : $"{context.Request.Method} {name}");
                if (!grpc)
                    context.Response.Headers.TraceParent = TraceContext.Current.TraceParent;
                await next(context);
                var status = grpc ? context.Response.Headers["grpc-status"].ToString() : context.Response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
                if (status.Length > 0)
                    span.SetTag("dapr.status_code", status);
                if (!grpc && context.Response.StatusCode >= 500)
                    span.SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    private static async Task CheckTokenAsync(HttpContext context, RequestDelegate next)
    {
        var port = context.ApiPort();
        if (port.Kind is ApiKind.Internal or ApiKind.InternalGrpc)
        {
            if (context.RequestServices.GetRequiredService<InternalApi>().Admits(context))
                await next(context);
            else
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        if (port.Kind == ApiKind.Public || port.App?.Options.ApiToken is not { Length: > 0 } token)
        {
            await next(context);
            return;
        }
        var sent = context.Request.Headers["dapr-api-token"];
        if (sent.Count == 1 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent[0] ?? ""), Encoding.UTF8.GetBytes(token)))
        {
            // It has done its work; the app behind the sidecar gets its own.
            context.Request.Headers.Remove("dapr-api-token");
            await next(context);
            return;
        }
        if (port.Kind == ApiKind.Grpc)
        {
            GrpcStatus(context, Grpc.Core.StatusCode.Unauthenticated, "authentication error: api token mismatch");
            return;
        }
        if (HttpMethods.IsGet(context.Request.Method) && TokenFree.Contains(ApiPath.Clean(ApiPath.Raw(context))))
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync("invalid api token\n");
    }

    private static Task CleanPathAsync(HttpContext context, RequestDelegate next)
    {
        // Routing sees the escaped path (an implicit conversion would unescape it), so that an escaped slash stays inside its parameter; RouteAsync unescapes the parameters.
        if (context.ApiPort().Kind is ApiKind.Http or ApiKind.Internal or ApiKind.Public)
            context.Request.Path = new PathString(ApiPath.Clean(ApiPath.Raw(context)));
        return next(context);
    }

    private static Task RouteAsync(HttpContext context, RequestDelegate next)
    {
        var kind = context.ApiPort().Kind;
        var endpoint = context.GetEndpoint() as RouteEndpoint;
        if (endpoint is not null && !BelongsTo(kind, endpoint))
            endpoint = null;
        if (kind is ApiKind.Grpc or ApiKind.InternalGrpc)
        {
            if (endpoint is not null && context.ApiPort().App?.Configuration.ApiAccess is { } list && !list.AllowsMethod(context.Request.Path.Value!))
            {
                context.SetEndpoint(null);
                GrpcStatus(context, Grpc.Core.StatusCode.Unimplemented, "Not Implemented");
                return Task.CompletedTask;
            }
            if (endpoint is not null)
                return next(context);
            context.SetEndpoint(null);
            var proxy = context.RequestServices.GetRequiredService<GrpcProxy>();
            return kind == ApiKind.Grpc ? proxy.HandleAsync(context) : proxy.HandleInternalAsync(context);
        }
        var access = kind == ApiKind.Http ? context.App().Configuration.ApiAccess : null;
        if (endpoint is not null && SameCase(endpoint, context.Request.Path.Value!) && access?.AllowsRoute(endpoint.RoutePattern.RawText!) != false)
            return UnescapeAsync(context, next);
        context.SetEndpoint(null);
        if (access?.AllowsInvocation == false || kind == ApiKind.Public)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        return kind == ApiKind.Internal
            ? context.RequestServices.GetRequiredService<InternalApi>().HandleAsync(context)
            : context.RequestServices.GetRequiredService<HttpInvocation>().HandleAsync(context);
    }

    /// <summary>Routes below /internal/ exist on the internal port only, gRPC methods on the gRPC port only, health and metadata on the public port too, the rest on the HTTP port only.</summary>
    private static bool BelongsTo(ApiKind kind, RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<Grpc.AspNetCore.Server.GrpcMethodMetadata>() is not null)
            return kind == ApiKind.Grpc;
        var route = (endpoint.RoutePattern.RawText ?? "").TrimStart('/');
        return route.StartsWith("internal/", StringComparison.Ordinal) ? kind == ApiKind.Internal : kind == ApiKind.Http || (kind == ApiKind.Public && PublicRoutes.Contains(route));
    }

    /// <summary>ASP.NET Core matches literals in any case, daprd as they are written.</summary>
    private static bool SameCase(RouteEndpoint endpoint, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var segments = endpoint.RoutePattern.PathSegments;
        for (var at = 0; at < segments.Count && at < parts.Length; at++)
        {
            if (segments[at].IsSimple && segments[at].Parts[0] is RoutePatternLiteralPart literal && literal.Content != parts[at])
                return false;
        }
        return true;
    }

    private static async Task UnescapeAsync(HttpContext context, RequestDelegate next)
    {
        foreach (var (name, value) in context.Request.RouteValues.ToList())
        {
            if (value is not string text)
                continue;
            if (!ApiPath.TryUnescape(text, plusIsSpace: true, out var unescaped))
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync($"failed to unescape request parameter \"{name}\". Error: invalid URL escape in \"{text}\"\n");
                return;
            }
            context.Request.RouteValues[name] = unescaped;
        }
        await next(context);
    }

    /// <summary>Ends a gRPC call without a message.</summary>
    public static void GrpcStatus(HttpContext context, Grpc.Core.StatusCode status, string message)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = Uri.EscapeDataString(message);
    }
}
