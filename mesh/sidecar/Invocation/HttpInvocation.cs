using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Invocation;

/// <summary>
/// Service invocation over HTTP. It is daprd's fallback: whatever no other route takes (also another verb on a known path) is a call to
/// the app named in the header, the Basic user or the URL. Bodies are streamed both ways, never held.
/// </summary>
internal sealed class HttpInvocation(IPeers peers, OutsideCalls outside, IResiliency resiliency)
{
    private static readonly HashSet<string> Verbs = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"];

    public async Task HandleAsync(HttpContext context)
    {
        if (!ApiPath.TryUnescape(ApiPath.Raw(context), plusIsSpace: false, out var path))
            throw new DaprException("ERR_BAD_REQUEST", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "invalid request: malformed escape in the URL path");
        var target = InvocationTarget.Find(path, context.Request.Headers)
            ?? throw new DaprException("ERR_DIRECT_INVOKE", StatusCodes.Status404NotFound, StatusCode.NotFound, "failed getting app id either from the URL path or the header dapr-app-id");
        var address = Address(context, target);
        var policy = resiliency.App(context.App().AppId, target.Id, target.Method);
        var streaming = context.Request.ContentLength is null && Body(context.Request) is not null;
        // Only what may be sent a second time is held.
        var replay = policy.HasRetries && !streaming ? await context.Request.BodyAsync() : null;
        var between = policy.IsNone && !streaming ? resiliency.BuiltIn(context.App().AppId, BuiltInPolicy.ServiceRetries) : ResiliencyPolicy.None;
        using var response = await (streaming ? policy.Once : policy).CallAsync(target.Id, async cancel =>
        {
            using var request = Request(context, target, address, replay);
            var answer = await SendAsync(context.App(), target, request, between, cancel);
            return new Attempt<HttpResponseMessage>(answer, Failed: IsFailure(answer), StatusCode: (int)answer.StatusCode);
        }, context.RequestAborted);
        if (IsFailure(response) && !streaming)
            NameContent(response);
        await PassBackAsync(response, context);
    }

    /// <summary>The answer when a call came to nothing.</summary>
    public static DaprException Failed(string target, string problem) =>
        new("ERR_DIRECT_INVOKE", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"failed to invoke, id: {target}, err: {problem}");

    public static DaprException Denied(string target, AccessDeniedException denied) =>
        new("ERR_DIRECT_INVOKE", StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, $"failed to invoke, id: {target}, err: {denied.Message}");

    /// <summary>The request body as content for the next hop; null when there is none.</summary>
    public static HttpContent? Body(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return null;
        var content = new StreamContent(request.Body);
        content.Headers.ContentLength = request.ContentLength;
        return content;
    }

    public static async Task PassBackAsync(HttpResponseMessage response, HttpContext context, bool betweenHosts = false)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        ForwardedHeaders.CopyToCaller(response, context.Response, betweenHosts);
        if (context.Response.StatusCode is 204 or 304)
            return;
        context.Response.ContentLength = response.Content.Headers.ContentLength;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        if (context.Response.ContentLength is null)
            await context.Response.Body.FlushAsync(context.RequestAborted);
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static bool IsFailure(HttpResponseMessage response) => (int)response.StatusCode is < 200 or > 399;

    /// <summary>daprd answers the failures of an app that names no content type as JSON.</summary>
    private static void NameContent(HttpResponseMessage response)
    {
        if (!response.Content.Headers.NonValidated.Contains("Content-Type"))
            response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    private static Uri Address(HttpContext context, InvocationTarget target)
    {
        if (!Verbs.Contains(context.Request.Method))
            throw Failed(target.Id, $"rpc error: code = InvalidArgument desc = invalid HTTP verb {context.Request.Method}");
        if (!target.IsUrl && target.Id.Count(letter => letter == '.') > 1)
            throw Failed(target.Id, $"invalid app id {target.Id}");
        return target.Address(ApiPath.RawQuery(context));
    }

    private static HttpRequestMessage Request(HttpContext context, InvocationTarget target, Uri address, byte[]? replay)
    {
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), address)
        {
            Content = replay is null ? Body(context.Request) : replay.Length == 0 && context.Request.ContentLength is null ? null : new ByteArrayContent(replay),
        };
        context.Request.Headers.Remove("dapr-app-id");
        var caller = context.App();
        ForwardedHeaders.CopyToCallee(context.Request, request, caller, target.AppId, self: target.IsSelf(caller) || OutsideCalls.Has(caller, target));
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(AppRuntime caller, InvocationTarget target, HttpRequestMessage request, ResiliencyPolicy between, CancellationToken cancel)
    {
        try
        {
            if (OutsideCalls.Has(caller, target))
                return await outside.SendAsync(caller, target, request, cancel);
            return await peers.InvokeAppAsync(target.AppId, request, between, cancel);
        }
        catch (AccessDeniedException denied)
        {
            throw Denied(target.Id, denied);
        }
        catch (Exception failure) when (failure is AppNotFoundException or AppUnavailableException)
        {
            throw Failed(target.Id, failure.Message);
        }
        catch (HttpRequestException failure) when (failure.TooLarge() is null)
        {
            throw Failed(target.Id, $"error invoking app channel: {failure.Message}");
        }
    }
}

internal static class InvocationPolicy
{
    /// <summary>A call under the policies of its target; what they give up with is answered like any other call that came to nothing.</summary>
    public static async Task<HttpResponseMessage> CallAsync(
        this ResiliencyPolicy policy, string target, Func<CancellationToken, Task<Attempt<HttpResponseMessage>>> call, CancellationToken cancel)
    {
        try
        {
            return await policy.ExecuteAsync(call, answer => answer.Dispose(), cancel);
        }
        catch (TimeoutException)
        {
            throw HttpInvocation.Failed(target, "context deadline exceeded");
        }
        catch (CircuitOpenException)
        {
            throw HttpInvocation.Failed(target, "circuit breaker is open");
        }
    }
}
