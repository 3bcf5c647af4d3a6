using Microsoft.Extensions.Configuration;

namespace Tarasol.ServiceDefaults.Hosting;

/// <summary>Where this process finds its own Dapr sidecar: the settings that every Dapr launcher gives an app.</summary>
/// <param name="Http">DAPR_HTTP_ENDPOINT, or 127.0.0.1 with DAPR_HTTP_PORT (3500).</param>
/// <param name="Grpc">DAPR_GRPC_ENDPOINT, or 127.0.0.1 with DAPR_GRPC_PORT (50001).</param>
/// <param name="ApiToken">DAPR_API_TOKEN: sent to the sidecar.</param>
/// <param name="AppToken">APP_API_TOKEN: the sidecar sends it to us.</param>
public sealed record SidecarAddress(Uri Http, Uri Grpc, string? ApiToken, string? AppToken)
{
    /// <summary>Reads the settings.</summary>
    public static SidecarAddress From(IConfiguration configuration) => new(
        Endpoint(configuration, "DAPR_HTTP_ENDPOINT", "DAPR_HTTP_PORT", 3500),
        Endpoint(configuration, "DAPR_GRPC_ENDPOINT", "DAPR_GRPC_PORT", 50001),
        NullIfEmpty(configuration["DAPR_API_TOKEN"]),
        NullIfEmpty(configuration["APP_API_TOKEN"]));

    /// <summary>The base address of another app's methods, by Dapr service invocation.</summary>
    public Uri Invoke(string appId) => new(Http, $"/v1.0/invoke/{appId}/method/");

    private static Uri Endpoint(IConfiguration configuration, string endpoint, string port, int standard) =>
        NullIfEmpty(configuration[endpoint]) is { } whole ? new(whole) : new($"http://127.0.0.1:{configuration.GetValue(port, standard)}");

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}

/// <summary>Adds the sidecar's API token to calls that go through it.</summary>
public sealed class SidecarTokenHandler(SidecarAddress sidecar) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (sidecar.ApiToken is { } token)
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        return base.SendAsync(request, cancellationToken);
    }
}
