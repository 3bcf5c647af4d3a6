using System.Net;
using System.Text;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>HTTP calls into one app: kept-alive connections, nothing followed, stored, decoded or buffered on the way.</summary>
internal sealed class AppChannel : IAppChannel, IDisposable
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly AppOptions options;
    private readonly SidecarMetrics metrics;
    private readonly string root;
    private readonly Version version;
    private readonly HttpMessageInvoker client;
    private readonly SemaphoreSlim? slots;

    public AppChannel(AppOptions options, SidecarMetrics metrics)
    {
        this.metrics = metrics;
        this.options = options;
        version = options.AppProtocol is "h2c" ? HttpVersion.Version20 : HttpVersion.Version11;
        root = Address(options, secure: options.AppProtocol is "https");
        slots = options.MaxConcurrency > 0 ? new SemaphoreSlim(options.MaxConcurrency) : null;
        client = new HttpMessageInvoker(NewHandler());
    }

    /// <summary>The option of a request that belongs to no trace: it gets none from here either.</summary>
    public static readonly HttpRequestOptionsKey<bool> Untraced = new("untraced");

    /// <summary>Set when the app refused a connection.</summary>
    public Action? Refused { get; set; }

    public Middleware.Pipeline? Pipeline { get; set; }

    public static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // Shorter than any server's own limit, so that a connection is hardly ever closed under a request.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        EnableMultipleHttp2Connections = true,
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
#pragma warning disable CA5359 // daprd does not verify its own app's certificate either: it is the process next door, usually self-signed.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    };

    /// <summary>The root of the app's addresses.</summary>
    public static string Address(AppOptions options, bool secure) => $"{(secure ? "https" : "http")}://{Host(options.AppChannelAddress)}:{options.AppPort}";

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        // Callers over gRPC need not name a verb; an app over HTTP has to be called with one.
        if (request.Method == GrpcInvocation.NoVerb)
            throw new AppUnavailableException("rpc error: code = InvalidArgument desc = invalid HTTP verb");
        if (Pipeline is not null && await Pipeline.InvokeAsync(request, cancel) is { } answer)
            return answer;
        Complete(request);
        if (slots is null)
            return await SendNowAsync(request, cancel);
        await slots.WaitAsync(cancel);
        try
        {
            return new SlotResponse(await SendNowAsync(request, cancel), slots);
        }
        catch
        {
            slots.Release();
            throw;
        }
    }

    public void Dispose()
    {
        client.Dispose();
        slots?.Dispose();
    }

    /// <summary>The target as it was written: .NET would otherwise decode and shorten it.</summary>
    public static Uri Absolute(string root, Uri? relative)
    {
        var path = relative?.OriginalString ?? "/";
        return new Uri(path.StartsWith('/') ? root + path : $"{root}/{path}", AsWritten);
    }

    private async Task<HttpResponseMessage> SendNowAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            if (!metrics.Enabled)
                return await client.SendAsync(request, cancel);
            var started = metrics.Now;
            var response = await client.SendAsync(request, cancel);
            metrics.HttpCalled(options.AppId, request.Method.Method, (int)response.StatusCode, started);
            return response;
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError == HttpRequestError.ConnectionError)
        {
            Refused?.Invoke();
            throw;
        }
    }

    private void Complete(HttpRequestMessage request)
    {
        request.RequestUri = Absolute(root, request.RequestUri);
        request.Headers.Remove(ForwardedHeaders.TypeUrl);
        request.Version = version;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        if (!request.Headers.Contains("traceparent") && !request.Options.TryGetValue(Untraced, out _))
        {
            var trace = TraceContext.Current ?? TraceContext.New();
            request.Headers.TryAddWithoutValidation("traceparent", trace.TraceParent);
            if (trace.TraceState is not null && !request.Headers.Contains("tracestate"))
                request.Headers.TryAddWithoutValidation("tracestate", trace.TraceState);
        }
        if (options.AppApiToken is not { Length: > 0 } token)
            return;
        request.Headers.Remove("dapr-api-token");
        request.Headers.TryAddWithoutValidation("dapr-api-token", token);
    }

    private static string Host(string address) => address.Contains(':', StringComparison.Ordinal) && !address.StartsWith('[') ? $"[{address}]" : address;

    /// <summary>Holds a concurrency slot until its body has been read or dropped.</summary>
    private sealed class SlotResponse : HttpResponseMessage
    {
        private readonly HttpResponseMessage inner;
        private SemaphoreSlim? slots;

        public SlotResponse(HttpResponseMessage inner, SemaphoreSlim slots) : base(inner.StatusCode)
        {
            this.inner = inner;
            this.slots = slots;
            Version = inner.Version;
            ReasonPhrase = inner.ReasonPhrase;
            RequestMessage = inner.RequestMessage;
            Content = inner.Content;
            foreach (var (name, values) in inner.Headers.NonValidated)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                Interlocked.Exchange(ref slots, null)?.Release();
            }
            base.Dispose(disposing);
        }
    }
}
