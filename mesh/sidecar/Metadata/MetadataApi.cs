using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Secrets;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Metadata;

/// <summary>What a sidecar tells about itself.</summary>
internal sealed class MetadataApi(IEnumerable<IMetadataSource> sources)
{
    /// <summary>The Dapr runtime whose behaviour this host follows.</summary>
    public const string RuntimeVersion = "1.18.3";

    private readonly ConcurrentDictionary<(string AppId, string Key), string> extended = [];

    public void Set(AppRuntime app, string key, string value)
    {
        if (key.Length > 0)
            extended[(app.AppId, key)] = value;
    }

    public GetMetadataResponse Describe(AppRuntime app)
    {
        var metadata = new GetMetadataResponse
        {
            Id = app.AppId,
            RuntimeVersion = RuntimeVersion,
            ActorRuntime = new ActorRuntime { RuntimeStatus = ActorRuntime.Types.ActorRuntimeStatus.Disabled },
            AppConnectionProperties = new AppConnectionProperties
            {
                Port = app.Options.AppPort ?? 0,
                Protocol = app.Options.AppProtocol,
                ChannelAddress = app.Options.AppPort is null ? "" : app.Options.AppChannelAddress,
                MaxConcurrency = Math.Max(0, app.Options.MaxConcurrency),
            },
        };
        foreach (var ((owner, key), value) in extended)
        {
            if (owner == app.AppId)
                metadata.ExtendedMetadata[key] = value;
        }
        metadata.ExtendedMetadata["daprRuntimeVersion"] = RuntimeVersion;
        if (app.Options.Health is { } health)
        {
            metadata.AppConnectionProperties.Health = new AppConnectionHealthProperties
            {
                HealthCheckPath = health.Path,
                HealthProbeInterval = Go(health.Interval),
                HealthProbeTimeout = Go(health.Timeout),
                HealthThreshold = health.Threshold,
            };
        }
        foreach (var (spec, instance) in app.Components.All)
            metadata.RegisteredComponents.Add(new RegisteredComponents { Name = spec.Name, Type = spec.Type, Version = spec.Version, Capabilities = { Capabilities(instance) } });
        metadata.HttpEndpoints.Add(app.HttpEndpoints.Keys.Select(name => new MetadataHTTPEndpoint { Name = name }));
        foreach (var source in sources)
            source.Describe(app, metadata);
        return metadata;
    }

    public byte[] Json(AppRuntime app)
    {
        var metadata = Describe(app);
        using var answer = new MemoryStream();
        using (var json = new Utf8JsonWriter(answer, GoJson.WriterOptions))
            new MetadataJson(json).Write(metadata);
        return answer.ToArray();
    }

    private static IEnumerable<string> Capabilities(object instance) => instance switch
    {
        IStateStore store => store.Features.Contains("ETAG") && store.Features.Contains("TRANSACTIONAL") ? [.. store.Features, "ACTOR"] : store.Features,
        ISecretStore store => store.Features,
        IHasCapabilities other => other.Capabilities,
        _ => [],
    };

    private static string Go(TimeSpan time) => time.TotalSeconds >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###}ms");
}
