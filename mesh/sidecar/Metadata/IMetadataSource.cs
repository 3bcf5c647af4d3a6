using Dapr.Client.Autogen.Grpc.v1;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Metadata;

/// <summary>A building block's part of GET /v1.0/metadata: subscriptions, actors, connected workflow workers. Registered as a singleton by the block.</summary>
internal interface IMetadataSource
{
    void Describe(AppRuntime app, GetMetadataResponse metadata);
}

/// <summary>A component that tells its capabilities (pub/sub: MESSAGE_TTL, ...). State and secret stores have their own Features.</summary>
internal interface IHasCapabilities
{
    IReadOnlyList<string> Capabilities { get; }
}
