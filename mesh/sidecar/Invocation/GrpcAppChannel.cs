using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>Calls into an app that speaks gRPC (--app-protocol grpc or grpcs). As <see cref="IAppChannel"/> it brings an HTTP request to OnInvoke.</summary>
internal sealed class GrpcAppChannel : IAppChannel, IDisposable
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithTypeRegistry(TypeRegistry.FromFiles(ErrorDetailsReflection.Descriptor)));

    private readonly AppOptions options;
    private readonly GrpcChannel channel;
    private readonly CallInvoker calls;
    private readonly SemaphoreSlim? slots;

    public GrpcAppChannel(AppOptions options, long maxBodySize)
    {
        this.options = options;
        Address = AppChannel.Address(options, secure: options.AppProtocol is "grpcs");
        Raw = new HttpMessageInvoker(AppChannel.NewHandler());
        slots = options.MaxConcurrency > 0 ? new SemaphoreSlim(options.MaxConcurrency) : null;
        channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions
        {
            HttpHandler = AppChannel.NewHandler(),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = (int)Math.Min(maxBodySize, int.MaxValue),
            MaxSendMessageSize = (int)Math.Min(maxBodySize, int.MaxValue),
        });
        calls = channel.CreateCallInvoker();
    }

    public string Address { get; }

    /// <summary>For requests that are passed on as they are.</summary>
    public HttpMessageInvoker Raw { get; }

    /// <summary>Set when the app refused a connection.</summary>
    public Action? Refused { get; set; }

    /// <summary>Has no meaning for gRPC: Dapr's middlewares are of HTTP.</summary>
    public Middleware.Pipeline? Pipeline { get; set; }

    /// <summary>One call with the app token and the trace of this hop. Throws <see cref="RpcException"/>.</summary>
    public async Task<(TResponse Response, Grpc.Core.Metadata Headers)> CallAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, TRequest request, Grpc.Core.Metadata? headers, CancellationToken cancel)
        where TRequest : class
        where TResponse : class
    {
        headers ??= [];
        Complete(headers);
        if (slots is not null)
            await slots.WaitAsync(cancel);
        try
        {
            using var call = calls.AsyncUnaryCall(method, null, new CallOptions(headers, cancellationToken: cancel), request);
            var response = await call.ResponseAsync;
            return (response, await call.ResponseHeadersAsync);
        }
        catch (RpcException failure)
        {
            cancel.ThrowIfCancellationRequested();
            if (IsUnreachable(failure))
                Refused?.Invoke();
            throw;
        }
        finally
        {
            slots?.Release();
        }
    }

    /// <summary>Nobody accepted the connection, or it broke.</summary>
    public static bool IsUnreachable(RpcException failure) =>
        failure.StatusCode == StatusCode.Unavailable && failure.Status.DebugException is HttpRequestException or SocketException or IOException;

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var target = request.RequestUri?.OriginalString ?? "/";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var invoke = new InvokeRequest
        {
            Method = Uri.UnescapeDataString(query < 0 ? target : target[..query]).TrimStart('/'),
            ContentType = Header(request, "Content-Type"),
            Data = new Any
            {
                TypeUrl = Header(request, ForwardedHeaders.TypeUrl),
                Value = request.Content is null ? ByteString.Empty : await ByteString.FromStreamAsync(await request.Content.ReadAsStreamAsync(cancel), cancel),
            },
            HttpExtension = new HTTPExtension { Verb = Verb(request.Method), Querystring = query < 0 ? "" : target[(query + 1)..] },
        };
        try
        {
            var (answer, headers) = await CallAsync(AppCallbacks.OnInvoke, invoke, Headers(request), cancel);
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ReadOnlyMemoryContent(answer.Data?.Value.Memory ?? default) };
            var type = answer.Data?.TypeUrl ?? "";
            if ((type.Length > 0 ? "application/x-protobuf" : answer.ContentType) is { Length: > 0 } contentType)
                response.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            Mark(response, StatusCode.OK, "", null);
            if (type.Length > 0)
                response.Headers.TryAddWithoutValidation(ForwardedHeaders.TypeUrl, type);
            response.Headers.TryAddWithoutValidation(ForwardedHeaders.GrpcContentType, answer.ContentType);
            Copy(headers, response);
            return response;
        }
        catch (RpcException failure)
        {
            return Failed(failure);
        }
    }

    public void Dispose()
    {
        channel.Dispose();
        Raw.Dispose();
        slots?.Dispose();
    }

    /// <summary>The google.rpc.Status of a failure.</summary>
    public static Google.Rpc.Status StatusOf(RpcException failure)
    {
        var details = failure.Trailers.GetValueBytes("grpc-status-details-bin");
        try
        {
            if (details is not null)
                return Google.Rpc.Status.Parser.ParseFrom(details);
        }
        catch (InvalidProtocolBufferException)
        {
            // Then code and message are all there is.
        }
        return new Google.Rpc.Status { Code = (int)failure.StatusCode, Message = failure.Status.Detail };
    }

    private static HttpResponseMessage Failed(RpcException failure)
    {
        var status = StatusOf(failure);
        var code = GrpcInvocation.ToHttp(failure.StatusCode);
        string body;
        try
        {
            body = Json.Format(status);
        }
        catch (InvalidOperationException unknown)
        {
            // Details of a type that only the app knows.
            code = (int)HttpStatusCode.InternalServerError;
            body = System.Text.Json.JsonSerializer.Serialize(new { errorCode = "ERR_MALFORMED_RESPONSE", message = unknown.Message });
        }
        var response = new HttpResponseMessage((HttpStatusCode)code) { Content = new StringContent(body, Encoding.UTF8) };
        response.Content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        Mark(response, failure.StatusCode, failure.Status.Detail, status);
        Copy(failure.Trailers, response);
        return response;
    }

    /// <summary>What a caller over gRPC is told instead of the HTTP status.</summary>
    private static void Mark(HttpResponseMessage response, StatusCode code, string message, Google.Rpc.Status? status)
    {
        response.Headers.TryAddWithoutValidation(ForwardedHeaders.GrpcStatus, ((int)code).ToString(CultureInfo.InvariantCulture));
        if (message.Length > 0)
            response.Headers.TryAddWithoutValidation(ForwardedHeaders.GrpcMessage, Uri.EscapeDataString(message));
        if (status?.Details.Count > 0)
            response.Headers.TryAddWithoutValidation(ForwardedHeaders.GrpcDetails, status.ToByteString().ToBase64());
    }

    private static void Copy(Grpc.Core.Metadata headers, HttpResponseMessage response)
    {
        foreach (var entry in headers)
        {
            if (!entry.IsBinary && !entry.Key.StartsWith("grpc-", StringComparison.Ordinal) && !entry.Key.StartsWith("tarasol-", StringComparison.Ordinal)
                && entry.Key is not ("content-type" or "content-length" or "date" or "server") && !ForwardedHeaders.IsHopByHop(entry.Key))
                response.Headers.TryAddWithoutValidation(entry.Key, entry.Value);
        }
    }

    private static Grpc.Core.Metadata Headers(HttpRequestMessage request)
    {
        var headers = new Grpc.Core.Metadata();
        foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content?.Headers.NonValidated ?? default))
        {
            var key = name.ToLowerInvariant();
            if (key is "content-length" or "content-type" || key.StartsWith("tarasol-", StringComparison.Ordinal) || key.EndsWith("-bin", StringComparison.Ordinal) || !key.All(Allowed))
                continue;
            if (GrpcInvocation.IsPermanent(key))
                key = $"dapr-{key}";
            foreach (var value in values)
            {
                if (value.All(char.IsAscii) && !value.Any(char.IsControl))
                    headers.Add(key, value);
            }
        }
        return headers;
    }

    private static bool Allowed(char letter) => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_' or '.';

    private void Complete(Grpc.Core.Metadata headers)
    {
        if (headers.Get("traceparent") is null)
        {
            var trace = TraceContext.Current ?? TraceContext.New();
            headers.Add("traceparent", trace.TraceParent);
            if (trace.TraceState is not null && headers.Get("tracestate") is null)
                headers.Add("tracestate", trace.TraceState);
        }
        if (headers.Get(TraceContext.BinaryHeader) is null && TraceContext.ToBinary(headers.GetValue("traceparent")) is { } binary)
            headers.Add(TraceContext.BinaryHeader, binary);
        if (options.AppApiToken is not { Length: > 0 } token)
            return;
        foreach (var other in headers.GetAll("dapr-api-token").ToList())
            headers.Remove(other);
        headers.Add("dapr-api-token", token);
    }

    private static string Header(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.TryGetValues(name, out var values) || request.Content?.Headers.NonValidated.TryGetValues(name, out values) == true ? values.ToString() : "";

    private static HTTPExtension.Types.Verb Verb(HttpMethod method) =>
        System.Enum.TryParse<HTTPExtension.Types.Verb>(method.Method, ignoreCase: true, out var verb) ? verb : HTTPExtension.Types.Verb.None;
}
