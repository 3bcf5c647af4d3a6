using System.Globalization;
using System.Net;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Metadata;
using Yarp.ReverseProxy.Forwarder;

namespace Tarasol.Sidecar.Invocation;

/// <summary>
/// Calls of services that the sidecar does not know, on its gRPC port: the metadata dapr-app-id names the app, to which they are passed on
/// byte for byte, streams and trailers included. Between two hosts they take the second internal port, which speaks HTTP/2.
/// </summary>
internal sealed class GrpcProxy(AppDirectory apps, Peers peers, IHttpForwarder forwarder) : IDisposable
{
    /// <summary>On the internal port: whose app is meant.</summary>
    public const string TargetHeader = "tarasol-target";

    private static readonly ForwarderRequestConfig Http2 = new()
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        // A stream may be silent for as long as its two ends like.
        ActivityTimeout = Timeout.InfiniteTimeSpan,
    };

    private readonly HttpMessageInvoker betweenHosts = new(AppChannel.NewHandler());

    public async Task HandleAsync(HttpContext context)
    {
        var caller = context.App();
        if ((Value(context, "dapr-callee-app-id") ?? Value(context, "dapr-app-id")) is not { } id)
        {
            // Newer clients know methods of Dapr's own service that are not here, and take this status for it.
            if (context.Request.Path.StartsWithSegments($"/{DaprMethods.ServiceName}", StringComparison.Ordinal))
                HttpApi.GrpcStatus(context, StatusCode.Unimplemented, RefusedApis.NotImplemented);
            else
                HttpApi.GrpcStatus(context, StatusCode.Unknown, "failed to proxy request: required metadata dapr-callee-app-id or dapr-app-id not found");
            return;
        }
        var target = new InvocationTarget(id, context.Request.Path.Value!.TrimStart('/')).AppId;
        if (apps.Find(target) is { } local)
        {
            await ToAppAsync(context, local, caller.AppId, caller.Namespace, target);
            return;
        }
        try
        {
            var (address, token) = await peers.GrpcAddressAsync(target, context.RequestAborted);
            await ForwardAsync(context, $"http://{address}", betweenHosts, new Headers(caller, target, headers =>
            {
                headers.TryAddWithoutValidation(InternalApi.TokenHeader, token);
                headers.TryAddWithoutValidation(TargetHeader, target);
            }));
        }
        catch (Exception failure) when (failure is AppNotFoundException or AppUnavailableException or HttpRequestException)
        {
            HttpApi.GrpcStatus(context, failure is HttpRequestException ? StatusCode.Unavailable : StatusCode.Internal, $"failed to proxy request: couldn't find service: {target}: {failure.Message}");
        }
    }

    /// <summary>From another host, which has shown the hosts' token.</summary>
    public Task HandleInternalAsync(HttpContext context)
    {
        if (Value(context, TargetHeader) is { } target && apps.Find(target) is { } app)
            return ToAppAsync(context, app, Value(context, "dapr-caller-app-id") ?? "", Value(context, "dapr-caller-namespace") ?? "", target);
        HttpApi.GrpcStatus(context, StatusCode.Unavailable, "the app is not hosted here any more");
        return Task.CompletedTask;
    }

    public void Dispose() => betweenHosts.Dispose();

    private async Task ToAppAsync(HttpContext context, AppRuntime app, string callerId, string callerNamespace, string target)
    {
        if (app.Grpc is not { } channel)
        {
            HttpApi.GrpcStatus(context, StatusCode.Internal, $"failed to proxy request: the app {target} does not speak gRPC");
            return;
        }
        if (app.Options.Health is not null && !app.Started)
        {
            HttpApi.GrpcStatus(context, StatusCode.Internal, "app is not in a healthy state");
            return;
        }
        if (app.Configuration.AccessControl is { } control && callerId != app.AppId && !control.Allows(callerId, callerNamespace, context.Request.Path.Value!, "", isHttp: false))
        {
            HttpApi.GrpcStatus(context, StatusCode.PermissionDenied, $"access control policy has denied access to id: spiffe://public/ns/{callerNamespace}/{callerId} operation: {context.Request.Path.Value} verb: NONE");
            return;
        }
        var caller = callerId == app.AppId ? null : apps.Find(callerId);
        await ForwardAsync(context, channel.Address, channel.Raw, new Headers(caller, target, headers =>
        {
            headers.Remove("dapr-api-token");
            if (app.Options.AppApiToken is { Length: > 0 } token)
                headers.TryAddWithoutValidation("dapr-api-token", token);
        }));
    }

    private async Task ForwardAsync(HttpContext context, string address, HttpMessageInvoker client, HttpTransformer headers)
    {
        var error = await forwarder.SendAsync(context, address, client, Http2, headers, context.RequestAborted);
        if (error == ForwarderError.None || context.Response.HasStarted)
            return;
        var problem = context.Features.Get<IForwarderErrorFeature>()?.Exception?.Message ?? error.ToString();
        HttpApi.GrpcStatus(context, error is ForwarderError.RequestCanceled ? StatusCode.Cancelled : StatusCode.Unavailable, $"failed to proxy request: {problem}");
    }

    private static string? Value(HttpContext context, string header) => context.Request.Headers[header] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>Everything passes; who calls whom is added, as is the trace of this hop.</summary>
    private sealed class Headers(AppRuntime? caller, string target, Action<System.Net.Http.Headers.HttpRequestHeaders> complete) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = new Uri(destinationPrefix + httpContext.Request.Path.Value, UriKind.Absolute);
            var headers = proxyRequest.Headers;
            headers.Host = null;
            foreach (var ours in (string[])[InternalApi.TokenHeader, TargetHeader])
                headers.Remove(ours);
            if (caller is not null)
            {
                headers.Remove("dapr-caller-app-id");
                headers.Remove("dapr-caller-namespace");
                headers.Remove("dapr-callee-app-id");
                headers.TryAddWithoutValidation("dapr-caller-app-id", caller.AppId);
                headers.TryAddWithoutValidation("dapr-caller-namespace", caller.Namespace);
                headers.TryAddWithoutValidation("dapr-callee-app-id", target);
            }
            if (TraceContext.Current is { } trace)
            {
                headers.Remove("traceparent");
                headers.TryAddWithoutValidation("traceparent", trace.TraceParent);
                headers.Remove(TraceContext.BinaryHeader);
                if (TraceContext.ToBinary(trace.TraceParent) is { } binary)
                    headers.TryAddWithoutValidation(TraceContext.BinaryHeader, Convert.ToBase64String(binary).TrimEnd('='));
            }
            complete(headers);
        }
    }
}
