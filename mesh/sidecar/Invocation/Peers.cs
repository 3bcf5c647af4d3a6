using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Invocation;

/// <summary>An app that is known but cannot be called now.</summary>
internal sealed class AppUnavailableException(string problem) : Exception(problem);

/// <summary>Finds apps in this process first, then through name resolution.</summary>
internal sealed class Peers(AppDirectory apps, NameResolution names, HostAddress self, SidecarMetrics metrics, TimeProvider time) : IPeers, IDisposable
{
    /// <summary>Hosts among themselves; what an app's call gets besides is decided where it is made.</summary>
    private readonly ResiliencyPolicy betweenHosts = new(new RetryPolicy { Duration = TimeSpan.FromSeconds(1), MaxRetries = 3 }, null, null, time);
    private readonly HttpMessageInvoker client = new(AppChannel.NewHandler());

    public async Task<HttpResponseMessage> InvokeAppAsync(string appId, HttpRequestMessage request, ResiliencyPolicy between, CancellationToken cancel)
    {
        var local = apps.Find(appId);
        if (!metrics.Enabled)
            return local is not null ? await InvokeLocalAsync(local, request, cancel) : await SendAsync(appId, $"/invoke/{Uri.EscapeDataString(appId)}", request, between, cancel);
        var caller = request.Headers.NonValidated.TryGetValues("dapr-caller-app-id", out var sent) ? sent.ToString() : appId;
        var (started, status) = (metrics.Now, default(int?));
        try
        {
            var response = local is not null ? await InvokeLocalAsync(local, request, cancel) : await SendAsync(appId, $"/invoke/{Uri.EscapeDataString(appId)}", request, between, cancel);
            status = (int)response.StatusCode;
            return response;
        }
        finally
        {
            metrics.Invoked(caller, appId, local is not null, status, started);
        }
    }

    public Task<HttpResponseMessage> CallSidecarAsync(string appId, HttpRequestMessage request, CancellationToken cancel) =>
        SendAsync(appId, $"/internal/{Uri.EscapeDataString(appId)}", request, betweenHosts, cancel);

    public Task<HttpResponseMessage> CallSidecarAtAsync(string address, string appId, HttpRequestMessage request, CancellationToken cancel)
    {
        var relative = new Uri($"{HostProtocol.Root}/{Uri.EscapeDataString(appId)}/{request.RequestUri!.OriginalString}", UriKind.Relative);
        AddTrace(request);
        request.RequestUri = AppChannel.Absolute($"http://{address}", relative);
        request.Headers.TryAddWithoutValidation(InternalApi.TokenHeader, address == self.Address ? self.Token : names.Token);
        return client.SendAsync(request, cancel);
    }

    /// <summary>Where the host of an app takes calls over HTTP/2, and the word that opens it. Throws like <see cref="InvokeAppAsync"/>.</summary>
    public async Task<(string Address, string Token)> GrpcAddressAsync(string appId, CancellationToken cancel)
    {
        var address = await names.ResolveAsync(appId, cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{address}{InternalApi.GrpcPortPath}"));
        request.Headers.TryAddWithoutValidation(InternalApi.TokenHeader, names.Token);
        using var response = await client.SendAsync(request, cancel);
        if (!response.IsSuccessStatusCode)
            throw new AppUnavailableException($"the host of {appId} takes no gRPC calls");
        return ($"{address[..address.LastIndexOf(':')]}:{await response.Content.ReadAsStringAsync(cancel)}", names.Token);
    }

    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel) => names.ListAsync(cancel);

    /// <summary>Into an app of this process. Throws <see cref="AppUnavailableException"/> when it has no channel.</summary>
    public static Task<HttpResponseMessage> InvokeLocalAsync(AppRuntime app, HttpRequestMessage request, CancellationToken cancel)
    {
        if (app.Channel is null)
            throw new AppUnavailableException("cannot invoke local endpoint: app channel not initialized");
        if (app.Options.Health is not null && !app.Started)
            throw new AppUnavailableException("app is not in a healthy state");
        // A call without a caller is the app's own.
        if (app.Configuration.AccessControl is { } control && request.Headers.NonValidated.TryGetValues("dapr-caller-app-id", out var caller))
        {
            var target = request.RequestUri?.OriginalString ?? "/";
            var query = target.IndexOf('?', StringComparison.Ordinal);
            control.Check(caller.ToString(), request.Headers.NonValidated.TryGetValues("dapr-caller-namespace", out var ns) ? ns.ToString() : "default",
                Uri.UnescapeDataString(query < 0 ? target : target[..query]).TrimStart('/'), request.Method == GrpcInvocation.NoVerb ? "" : request.Method.Method, isHttp: app.Grpc is null);
        }
        return app.Channel.SendAsync(request, cancel);
    }

    public void Dispose() => client.Dispose();

    private static void AddTrace(HttpRequestMessage request)
    {
        if (TraceContext.Current is not { } trace || request.Headers.Contains("traceparent"))
            return;
        request.Headers.TryAddWithoutValidation("traceparent", trace.TraceParent);
        if (trace.TraceState is not null)
            request.Headers.TryAddWithoutValidation("tracestate", trace.TraceState);
    }

    private async Task<HttpResponseMessage> SendAsync(string appId, string prefix, HttpRequestMessage request, ResiliencyPolicy policy, CancellationToken cancel)
    {
        var path = request.RequestUri?.OriginalString ?? "/";
        var relative = new Uri(path.StartsWith('/') ? prefix + path : $"{prefix}/{path}", UriKind.Relative);
        AddTrace(request);
        var (response, refused) = await policy.ExecuteAsync(async attempt =>
        {
            try
            {
                // Asked each time anew: the app may have moved.
                var (address, token) = apps.Find(appId) is not null ? (self.Address, self.Token) : (await names.ResolveAsync(appId, attempt), names.Token);
                request.RequestUri = AppChannel.Absolute($"http://{address}", relative);
                request.Headers.Remove(InternalApi.TokenHeader);
                request.Headers.TryAddWithoutValidation(InternalApi.TokenHeader, token);
                return new Attempt<(HttpResponseMessage? Response, Exception? Refused)>((await client.SendAsync(request, attempt), null));
            }
            catch (Exception failure) when (failure is HttpRequestException or AppNotFoundException)
            {
                // Nothing was sent when there was no connection, so that the body can be sent again as it is.
                return new Attempt<(HttpResponseMessage? Response, Exception? Refused)>((null, failure), Failed: failure is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError });
            }
        }, null, cancel);
        if (response is null)
            throw refused!;
        if (!response.Headers.TryGetValues(InternalApi.ProblemHeader, out var problem))
            return response;
        var words = Uri.UnescapeDataString(problem.First());
        var denied = response.StatusCode == System.Net.HttpStatusCode.Forbidden;
        response.Dispose();
        throw denied ? new AccessDeniedException(words) : new AppUnavailableException(words);
    }
}

/// <summary>Where this process's own internal port is, and the word that opens it.</summary>
internal sealed class HostAddress
{
    public string Address { get; set; } = "";

    /// <summary>Random per process, or shared with the other hosts through the name-resolution database.</summary>
    public string Token { get; set; } = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
}
