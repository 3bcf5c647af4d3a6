using System.Diagnostics;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Middleware;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Everything the host knows about one app-id. No request names its caller: the port it came in by leads here.</summary>
internal sealed class AppRuntime
{
    public required string AppId { get; init; }

    public required AppOptions Options { get; init; }

    /// <summary>Another one with every start of the host: what {uuid} stands for in a consumer id.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString();

    /// <summary>Dapr's NAMESPACE; "default" when unset.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The configuration files of the host and then those of the app.</summary>
    public Configuration Configuration { get; init; } = Configuration.None;

    /// <summary>Begins spans for export; null: there is none.</summary>
    public ActivitySource? Spans { get; set; }

    /// <summary>Around its sidecar's HTTP API; null: nothing.</summary>
    public Pipeline? Pipeline { get; set; }

    /// <summary>The port really bound; set before the app is called the first time.</summary>
    public int HttpPort { get; set; }

    public int GrpcPort { get; set; }

    /// <summary>Calls into the app; null when the app has no port.</summary>
    public IAppChannel? Channel { get; init; }

    /// <summary>The same channel when the app speaks gRPC; else null.</summary>
    public GrpcAppChannel? Grpc => Channel as GrpcAppChannel;

    /// <summary>The components that this app may see (scopes applied).</summary>
    public AppComponents Components { get; set; } = AppComponents.None;

    /// <summary>Services outside of the mesh that this app may call by name (HTTPEndpoint resources, scopes applied).</summary>
    public IReadOnlyDictionary<string, HttpEndpoint> HttpEndpoints { get; set; } = new Dictionary<string, HttpEndpoint>();

    /// <summary>The one state component with actorStateStore "true", or null.</summary>
    public IStateStore? ActorStateStore { get; set; }

    /// <summary>Components are loaded and the API ports are up (healthz/outbound).</summary>
    public bool ApiReady { get; set; }

    /// <summary>The app accepts connections and all its parts are started (healthz).</summary>
    public bool Started { get; set; }

    /// <summary>Set when a call found nobody listening, so that the watcher need not wait for its next probe.</summary>
    public SemaphoreSlim Refused { get; } = new(0);
}
