namespace Tarasol.Sidecar.Invocation;

/// <summary>The way from the sidecar into its own app. Adds the app API token and the trace headers to every call.</summary>
internal interface IAppChannel
{
    /// <summary>Sends a request whose URI is relative to the app's root and returns as soon as the headers are there.</summary>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel);
}

/// <summary>The way to another app's sidecar: in this process, or found by name resolution.</summary>
internal interface IPeers
{
    /// <summary>Calls the app behind <paramref name="appId"/>. Throws <see cref="AppNotFoundException"/> when nobody hosts it.</summary>
    Task<HttpResponseMessage> InvokeAppAsync(string appId, HttpRequestMessage request, CancellationToken cancel);

    /// <summary>Calls the sidecar of <paramref name="appId"/> itself, below its internal root (host-to-host protocol, ours alone).</summary>
    Task<HttpResponseMessage> CallSidecarAsync(string appId, HttpRequestMessage request, CancellationToken cancel);
}

internal sealed class AppNotFoundException(string appId) : Exception("no host found with the given ID") { public string AppId { get; } = appId; }
