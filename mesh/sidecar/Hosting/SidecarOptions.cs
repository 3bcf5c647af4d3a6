namespace Tarasol.Sidecar.Hosting;

/// <summary>What one host process serves. `mesh up` gives many apps, daprd's flags give one.</summary>
public sealed record SidecarOptions
{
    /// <summary>The apps whose sidecars this process is.</summary>
    public required IReadOnlyList<AppOptions> Apps { get; init; }

    /// <summary>Folders with component, subscription and resiliency files (daprd's --resources-path).</summary>
    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];

    /// <summary>Configuration files, later ones win (daprd's --config).</summary>
    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    /// <summary>What relative paths in component metadata start from; daprd's is its working directory.</summary>
    public string WorkingDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>Addresses that the API ports listen on.</summary>
    public IReadOnlyList<string> ListenAddresses { get; init; } = ["127.0.0.1"];

    /// <summary>Dapr's NAMESPACE; "default" when unset.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Largest request body in bytes; 4 MiB as daprd's --max-body-size.</summary>
    public long MaxBodySize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Largest request line and headers in bytes before 431; 4 KiB as daprd's --read-buffer-size (Go, and so this host, allows 4 KiB more).</summary>
    public int ReadBufferSize { get; init; } = 4 * 1024;

    /// <summary>The port on which hosts talk to each other (daprd's --dapr-internal-grpc-port); 0: a free one. It listens on loopback only.</summary>
    public int InternalPort { get; init; }

    /// <summary>Where Prometheus finds the metrics (daprd's --metrics-port), 0: a free port; null: nowhere, nothing is counted.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>Where the metrics port listens (daprd's --metrics-listen-address); null: where the APIs do.</summary>
    public string? MetricsListenAddress { get; init; }

    /// <summary>How long a stop waits for calls in flight; 5 s as daprd's --dapr-graceful-shutdown-seconds.</summary>
    public TimeSpan GracefulShutdown { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>One app-id and its ports. Port 0 of an API means: take a free one.</summary>
public sealed record AppOptions
{
    public required string AppId { get; init; }

    /// <summary>Null: the app listens nowhere.</summary>
    public int? AppPort { get; init; }

    /// <summary>http, https, h2c, grpc or grpcs; http is daprd's default.</summary>
    public string AppProtocol { get; init; } = "http";

    public string AppChannelAddress { get; init; } = "127.0.0.1";

    public int HttpPort { get; init; }

    public int GrpcPort { get; init; }

    /// <summary>Most calls into the app at the same time; -1: no limit (daprd's --app-max-concurrency).</summary>
    public int MaxConcurrency { get; init; } = -1;

    /// <summary>Configuration files for this app alone, after those of the host: its access control, API lists, secret scopes and pipelines.</summary>
    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    /// <summary>Null: the app counts as healthy while its port accepts connections.</summary>
    public AppHealthOptions? Health { get; init; }

    /// <summary>A port for health and metadata alone, without a token, for those who may not use the APIs (daprd's --dapr-public-port), 0: a free one; null: there is none.</summary>
    public int? PublicPort { get; init; }

    /// <summary>Where that port listens (daprd's --dapr-public-listen-address); null: where the APIs do.</summary>
    public string? PublicListenAddress { get; init; }

    /// <summary>Whether the app is asked which topics it wants (daprd's --disable-init-endpoints subscribe).</summary>
    public bool AskForSubscriptions { get; init; } = true;

    /// <summary>Whether the app is asked which actors it hosts (daprd's --disable-init-endpoints config).</summary>
    public bool AskForActors { get; init; } = true;

    /// <summary>How long the app may take to say whether it wants an input binding (daprd's --app-binding-options-timeout).</summary>
    public TimeSpan BindingOptionsTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Callers of the sidecar must send it as dapr-api-token (env DAPR_API_TOKEN). Null: no check.</summary>
    public string? ApiToken { get; init; }

    /// <summary>Sent to the app as dapr-api-token with every call (env APP_API_TOKEN).</summary>
    public string? AppApiToken { get; init; }
}

/// <summary>Health checks of the app by HTTP (daprd's --enable-app-health-check and its companions).</summary>
public sealed record AppHealthOptions
{
    public string Path { get; init; } = "/healthz";

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>So many failures in a row make the app unhealthy.</summary>
    public int Threshold { get; init; } = 3;
}
