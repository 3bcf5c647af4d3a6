using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow;

/// <summary>
/// The app's one channel to its sidecar's gRPC port. Where it is comes from the configuration, else from the environment: DAPR_GRPC_ENDPOINT, or DAPR_GRPC_PORT
/// on loopback (50001 when unset); DAPR_API_TOKEN goes along with every call.
/// </summary>
internal sealed class TaskHubConnection : IDisposable
{
    private readonly GrpcChannel? _channel;
    private readonly string? _apiToken;

    public TaskHubConnection(IConfiguration? configuration, IEnumerable<WorkflowRuntimeOptions> options)
    {
        string? Setting(string name) => configuration?[name] is { Length: > 0 } set ? set : Environment.GetEnvironmentVariable(name);
        var endpoint = Setting("DAPR_GRPC_ENDPOINT") is { Length: > 0 } given ? given : $"http://127.0.0.1:{Setting("DAPR_GRPC_PORT") ?? "50001"}";
        Endpoint = Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new InvalidOperationException($"DAPR_GRPC_ENDPOINT is '{endpoint}', which is no http or https address of a sidecar's gRPC port.");
        _apiToken = Setting("DAPR_API_TOKEN");
        _channel = GrpcChannel.ForAddress(Endpoint, options.Select(some => some.GrpcChannelOptions).LastOrDefault(given => given is not null) ?? Defaults());
        Client = new TaskHubSidecarService.TaskHubSidecarServiceClient(_channel);
    }

    /// <summary>With a hub that needs no channel.</summary>
    public TaskHubConnection(TaskHubSidecarService.TaskHubSidecarServiceClient client) => (Client, Endpoint) = (client, new Uri("memory://hub"));

    public Uri Endpoint { get; }

    public TaskHubSidecarService.TaskHubSidecarServiceClient Client { get; }

    public CallOptions Call(CancellationToken cancel, TimeSpan? timeout = null)
    {
        var headers = new Metadata();
        if (!string.IsNullOrEmpty(_apiToken))
        {
            headers.Add("dapr-api-token", _apiToken);
        }

        return new CallOptions(headers, timeout is { } limit ? DateTime.UtcNow + limit : null, cancel);
    }

    public void Dispose() => _channel?.Dispose();

    private static GrpcChannelOptions Defaults() => new()
    {
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,

            // A dead sidecar has to be noticed on a stream that is silent for hours. Dapr refuses pings more often than every 8 s.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        },
    };
}
