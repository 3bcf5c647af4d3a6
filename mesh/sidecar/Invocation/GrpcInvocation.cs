using System.Globalization;
using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.WebUtilities;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Invocation;

/// <summary>InvokeService: a gRPC caller, an app over HTTP. A status outside of 2xx becomes a gRPC error that carries it.</summary>
internal static class GrpcInvocation
{
    /// <summary>Longest http.error_message in an ErrorInfo.</summary>
    private const int LongestDetail = 63;

    /// <summary>The method of a request whose gRPC caller names no verb.</summary>
    public static readonly HttpMethod NoVerb = new("NONE");

    /// <summary>HTTP headers that get the prefix dapr- in gRPC metadata, because gRPC uses or forbids the plain names.</summary>
    private static readonly HashSet<string> Permanent = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Charset", "Accept-Language", "Accept-Ranges", "Cache-Control", "Content-Type", "Content-Length", "Cookie", "Date", "Expect", "From", "Host", "If-Match",
        "If-Modified-Since", "If-None-Match", "If-Schedule-Tag-Match", "If-Unmodified-Since", "Max-Forwards", "Origin", "Pragma", "Referer", "Via", "Warning",
    };

    public static async Task<InvokeResponse> InvokeAsync(AppRuntime caller, InvokeServiceRequest invocation, ServerCallContext call)
    {
        var message = invocation.Message ?? new InvokeRequest();
        var target = new InvocationTarget(invocation.Id, message.Method);
        var services = call.GetHttpContext().RequestServices;
        var (verb, address) = Address(target, message);
        var policy = services.GetRequiredService<IResiliency>().App(caller.AppId, target.Id, target.Method);
        using var response = await policy.CallAsync(target.Id, async cancel =>
        {
            using var request = Request(caller, target, verb, address, message, call);
            var answer = await SendAsync(services, caller, target, request, policy, cancel);
            return new Attempt<HttpResponseMessage>(answer, Failed: ToGrpc((int)answer.StatusCode) != StatusCode.OK, StatusCode: Own(answer, ForwardedHeaders.GrpcStatus) is { } own ? Number(own) : (int)answer.StatusCode);
        }, call.CancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(call.CancellationToken);
        if (Own(response, ForwardedHeaders.GrpcStatus) is { } ofApp)
        {
            await call.WriteResponseHeadersAsync(Headers(response, ofHttpApp: false));
            return Number(ofApp) == 0 ? Answer(response, body) : throw Error((StatusCode)Number(ofApp), response);
        }
        await call.WriteResponseHeadersAsync(Headers(response, ofHttpApp: true));
        var status = (int)response.StatusCode;
        if (ToGrpc(status) is var code && code != StatusCode.OK)
            throw Error(code, status, body);
        return new InvokeResponse
        {
            Data = new Any { Value = ByteString.CopyFrom(body) },
            ContentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : "",
        };
    }

    public static StatusCode ToGrpc(int httpStatus) => httpStatus switch
    {
        >= 200 and < 300 => StatusCode.OK,
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.NotFound,
        408 => StatusCode.Cancelled,
        409 => StatusCode.AlreadyExists,
        429 => StatusCode.ResourceExhausted,
        501 => StatusCode.Unimplemented,
        503 => StatusCode.Unavailable,
        504 => StatusCode.DeadlineExceeded,
        _ => StatusCode.Unknown,
    };

    public static int ToHttp(StatusCode status) => status switch
    {
        StatusCode.OK => 200,
        StatusCode.Cancelled => 408,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.DeadlineExceeded => 504,
        StatusCode.NotFound => 404,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.PermissionDenied => 403,
        StatusCode.Unauthenticated => 401,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        _ => 500,
    };

    /// <summary>A header of HTTP whose plain name gRPC metadata may not use.</summary>
    public static bool IsPermanent(string header) => Permanent.Contains(header);

    private static string? Own(HttpResponseMessage response, string header) => response.Headers.NonValidated.TryGetValues(header, out var values) ? values.ToString() : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static InvokeResponse Answer(HttpResponseMessage response, byte[] body) => new()
    {
        Data = new Any { TypeUrl = Own(response, ForwardedHeaders.TypeUrl) ?? "", Value = ByteString.CopyFrom(body) },
        ContentType = Own(response, ForwardedHeaders.GrpcContentType) ?? "",
    };

    /// <summary>The error of a gRPC app as it was.</summary>
    private static RpcException Error(StatusCode code, HttpResponseMessage response)
    {
        var message = Uri.UnescapeDataString(Own(response, ForwardedHeaders.GrpcMessage) ?? "");
        return Own(response, ForwardedHeaders.GrpcDetails) is { } details
            ? GrpcErrors.Rpc(code, message, Google.Rpc.Status.Parser.ParseFrom(ByteString.FromBase64(details)).Details)
            : new RpcException(new Grpc.Core.Status(code, message));
    }

    private static (HttpMethod Verb, Uri Address) Address(InvocationTarget target, InvokeRequest message)
    {
        if (target.Id.Length == 0)
            throw HttpInvocation.Failed("", "app id is empty");
        var verb = message.HttpExtension?.Verb ?? HTTPExtension.Types.Verb.None;
        var query = message.HttpExtension?.Querystring ?? "";
        var method = verb is HTTPExtension.Types.Verb.None or HTTPExtension.Types.Verb.Connect ? NoVerb : new HttpMethod(verb.ToString().ToUpperInvariant());
        return (method, target.Address(query.Length == 0 ? "" : $"?{ApiPath.EscapeQuery(query)}"));
    }

    private static HttpRequestMessage Request(AppRuntime caller, InvocationTarget target, HttpMethod verb, Uri address, InvokeRequest message, ServerCallContext call)
    {
        var request = new HttpRequestMessage(verb, address);
        if (message.Data is { Value.Length: > 0 } data)
            request.Content = new ReadOnlyMemoryContent(data.Value.Memory);
        foreach (var entry in call.RequestHeaders)
        {
            if (!entry.IsBinary && !ForwardedHeaders.IsHopByHop(entry.Key) && !ForwardedHeaders.IsOursAlone(entry.Key) && entry.Key is not "content-type")
                ForwardedHeaders.Add(request, entry.Key.StartsWith("grpc-", StringComparison.Ordinal) ? $"dapr-{entry.Key}" : entry.Key, entry.Value);
        }
        if (message.Data?.TypeUrl is { Length: > 0 } type)
            request.Headers.TryAddWithoutValidation(ForwardedHeaders.TypeUrl, type);
        if (message.ContentType.Length > 0)
            ForwardedHeaders.Add(request, "Content-Type", message.ContentType);
        if (TraceContext.Current?.Baggage is { } baggage)
            ForwardedHeaders.Add(request, "baggage", baggage);
        if (!target.IsSelf(caller) && !OutsideCalls.Has(caller, target))
            ForwardedHeaders.Identify(request, caller, target.AppId);
        return request;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        IServiceProvider services, AppRuntime caller, InvocationTarget target, HttpRequestMessage request, ResiliencyPolicy policy, CancellationToken cancel)
    {
        try
        {
            if (OutsideCalls.Has(caller, target))
                return await services.GetRequiredService<OutsideCalls>().SendAsync(caller, target, request, cancel);
            var between = policy.IsNone ? services.GetRequiredService<IResiliency>().BuiltIn(caller.AppId, BuiltInPolicy.ServiceRetries) : ResiliencyPolicy.None;
            return await services.GetRequiredService<IPeers>().InvokeAppAsync(target.AppId, request, between, cancel);
        }
        catch (AccessDeniedException denied)
        {
            throw HttpInvocation.Denied(target.Id, denied);
        }
        catch (Exception failure) when (failure is AppNotFoundException or AppUnavailableException)
        {
            throw HttpInvocation.Failed(target.Id, failure.Message);
        }
        catch (HttpRequestException failure)
        {
            throw HttpInvocation.Failed(target.Id, $"error invoking app channel: {failure.Message}");
        }
    }

    private static Grpc.Core.Metadata Headers(HttpResponseMessage response, bool ofHttpApp)
    {
        var headers = new Grpc.Core.Metadata();
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (ForwardedHeaders.IsHopByHop(name) || name.StartsWith("tarasol-", StringComparison.OrdinalIgnoreCase) || name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
                continue;
            var key = (Permanent.Contains(name) ? $"dapr-{name}" : name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) ? $"dapr-{name}" : name).ToLowerInvariant();
            foreach (var value in values)
                headers.Add(key, value);
        }
        if (ofHttpApp)
            headers.Add("dapr-http-status", ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
        return headers;
    }

    private static RpcException Error(StatusCode code, int status, byte[] body)
    {
        var detail = System.Text.Encoding.UTF8.GetString(body);
        var reason = ReasonPhrases.GetReasonPhrase(status);
        return GrpcErrors.Rpc(code, reason, [new ErrorInfo
        {
            Reason = reason,
            Domain = "dapr.io",
            Metadata =
            {
                ["http.code"] = status.ToString(CultureInfo.InvariantCulture),
                ["http.error_message"] = detail.Length > LongestDetail ? detail[..LongestDetail] : detail,
            },
        }]);
    }
}
