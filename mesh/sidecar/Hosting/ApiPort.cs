namespace Tarasol.Sidecar.Hosting;

/// <summary>Public: health and metadata for those who may not use the APIs.</summary>
internal enum ApiKind { Http, Grpc, Internal, InternalGrpc, Metrics, Public }

/// <summary>Which of the host's ports a connection came in by. Requests never name their caller, so this is the caller's identity.</summary>
/// <param name="Kind">What is spoken on the port.</param>
/// <param name="App">Whose sidecar it is; null on the internal port, where each request names its target.</param>
internal sealed record ApiPort(ApiKind Kind, AppRuntime? App);

internal static class ApiPortExtensions
{
    public static ApiPort ApiPort(this HttpContext context) =>
        context.Features.Get<ApiPort>() ?? throw new InvalidOperationException("the request came by no port of this host");

    /// <summary>The app whose sidecar this request came to.</summary>
    public static AppRuntime App(this HttpContext context) =>
        context.ApiPort().App ?? throw new InvalidOperationException("a request on the internal port has no calling app");
}
