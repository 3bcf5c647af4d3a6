using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>
/// Invocation of services outside of the mesh: by an http(s) URL in place of the app-id, or by the name of an HTTPEndpoint. There is no sidecar at the other end, so there are
/// none of Dapr's headers either, but the trace. Unlike daprd, which sends its app API token to any URL, no token of ours leaves the mesh, and certificates are always checked.
/// </summary>
internal sealed class OutsideCalls(SidecarMetrics metrics) : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private const int MostRedirects = 10;

    private readonly HttpMessageInvoker _client = new(NewHandler(null, followRedirects: false));

    /// <summary>Whether the target is outside; an HTTPEndpoint goes before an app of the same name.</summary>
    public static bool Has(AppRuntime caller, InvocationTarget target) => target.IsUrl || caller.HttpEndpoints.ContainsKey(target.AppId);

    /// <summary>Calls it. Throws <see cref="AppUnavailableException"/> or <see cref="HttpRequestException"/>.</summary>
    public async Task<HttpResponseMessage> SendAsync(AppRuntime caller, InvocationTarget target, HttpRequestMessage request, CancellationToken cancel)
    {
        if (request.Method == GrpcInvocation.NoVerb)
            throw new AppUnavailableException("rpc error: code = InvalidArgument desc = invalid HTTP verb");
        var endpoint = caller.HttpEndpoints.GetValueOrDefault(target.AppId);
        request.RequestUri = Address(endpoint?.BaseUrl ?? target.Id, target, request.RequestUri!.OriginalString);
        request.Headers.Remove("dapr-api-token");
        request.Headers.Remove(ForwardedHeaders.TypeUrl);
        foreach (var (name, value) in endpoint?.Headers ?? [])
            Set(request, name, value);
        if (TraceContext.Current is { } trace)
        {
            Set(request, "traceparent", trace.TraceParent);
            if (trace.TraceState is not null)
                Set(request, "tracestate", trace.TraceState);
        }
        var (started, status) = (metrics.Now, default(int?));
        try
        {
            var response = await (endpoint?.Client ?? _client).SendAsync(request, cancel);
            status = (int)response.StatusCode;
            return response;
        }
        finally
        {
            metrics.Invoked(caller.AppId, target.AppId, local: false, status, started);
        }
    }

    public void Dispose() => _client.Dispose();

    public static SocketsHttpHandler NewHandler(ClientTls? tls, bool followRedirects)
    {
        var handler = AppChannel.NewHandler();
        handler.UseProxy = true;
        handler.ConnectTimeout = ConnectTimeout;
        handler.AllowAutoRedirect = followRedirects;
        handler.MaxAutomaticRedirections = MostRedirects;
        handler.SslOptions = new SslClientAuthenticationOptions();
        if (tls is null)
            return handler;
        if (tls.Authorities is not null)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => tls.Trusts(certificate, errors);
        if (tls.Certificate is not null)
            handler.SslOptions.ClientCertificates = new X509CertificateCollection { tls.Certificate };
        return handler;
    }

    /// <summary>Base address, method and query one after the other, as daprd does it.</summary>
    private static Uri Address(string root, InvocationTarget target, string relative)
    {
        if (!Uri.TryCreate(root, UriKind.Absolute, out var known))
            throw new AppUnavailableException($"parse \"{root}\": invalid URL");
        // Without a method nothing follows a base that has a path.
        var rest = target.Method.Length == 0 && (known.AbsolutePath != "/" || root.EndsWith('/')) ? relative.TrimStart('/') : relative;
        return new Uri(root + rest, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            return; // The address says whom is meant; Go's client, and so daprd, takes no notice of it either.
        request.Headers.Remove(name);
        request.Content?.Headers.Remove(name);
        ForwardedHeaders.Add(request, name, value);
    }
}
