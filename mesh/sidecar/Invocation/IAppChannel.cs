using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Invocation;

/// <summary>The way from the sidecar into its own app. Adds the app API token and the trace headers to every call.</summary>
internal interface IAppChannel
{
    /// <summary>
    /// Sends a request whose URI is relative to the app's root and returns as soon as the headers are there. The path is sent as it is
    /// written: escape it. Throws <see cref="HttpRequestException"/> when the app cannot be reached. Dispose the response.
    /// </summary>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel);

    /// <summary>Set when the app refused a connection.</summary>
    Action? Refused { get; set; }

    /// <summary>Middlewares that every call passes; null: none.</summary>
    Middleware.Pipeline? Pipeline { get; set; }
}

/// <summary>The way to another app's sidecar: in this process, or found by name resolution.</summary>
internal interface IPeers
{
    /// <summary>
    /// Calls the app behind <paramref name="appId"/>. Throws <see cref="AppNotFoundException"/> when nobody hosts it,
    /// <see cref="AppUnavailableException"/> or <see cref="HttpRequestException"/> when it cannot be reached. When its host does not accept a
    /// connection, and so nothing was sent yet, the call is tried again as <paramref name="between"/> says.
    /// </summary>
    Task<HttpResponseMessage> InvokeAppAsync(string appId, HttpRequestMessage request, ResiliencyPolicy between, CancellationToken cancel);

    /// <summary>
    /// Calls the sidecar of <paramref name="appId"/> itself (host-to-host protocol, ours alone). The relative URI arrives there below
    /// <c>{HostProtocol.Root}/{appId}/</c>; each building block maps its own routes there.
    /// </summary>
    Task<HttpResponseMessage> CallSidecarAsync(string appId, HttpRequestMessage request, CancellationToken cancel);

    /// <summary>
    /// As <see cref="CallSidecarAsync"/>, in the host whose internal port is at <paramref name="address"/>, and once only. Throws <see cref="HttpRequestException"/>; a host
    /// that shares no name resolution with this one answers 401.
    /// </summary>
    Task<HttpResponseMessage> CallSidecarAtAsync(string address, string appId, HttpRequestMessage request, CancellationToken cancel);

    /// <summary>The app-ids that name resolution knows outside this process; empty when there is none.</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel);
}

/// <summary>Where the routes between sidecar hosts lie. The host serves them on its internal port only, never on an API port.</summary>
internal static class HostProtocol
{
    public const string Root = "/internal";

    /// <summary>Route pattern of one operation of the sidecar of route value "app".</summary>
    public static string Route(string path) => $"{Root}/{{app}}/{path}";
}

internal sealed class AppNotFoundException(string appId) : Exception("no host found with the given ID") { public string AppId { get; } = appId; }
