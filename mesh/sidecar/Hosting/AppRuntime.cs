using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Everything the host knows about one app-id. No request names its caller: the port it came in by leads here.</summary>
internal sealed class AppRuntime
{
    public required string AppId { get; init; }

    /// <summary>Dapr's NAMESPACE; "default" when unset.</summary>
    public string Namespace { get; init; } = "default";

    public required int HttpPort { get; init; }

    public required int GrpcPort { get; init; }

    /// <summary>Calls into the app; null when the app has no port.</summary>
    public IAppChannel? Channel { get; init; }

    /// <summary>The one state component with actorStateStore "true", or null.</summary>
    public IStateStore? ActorStateStore { get; set; }
}
