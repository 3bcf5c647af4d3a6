using System.Security.Cryptography;
using System.Text.Json;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh.Up;

/// <summary>Turns tye.yaml and the options of `up` into processes: ports, tokens and environment for each, and what the sidecars are told.</summary>
/// <param name="Sidecars">What comes before the services, in the groups in which it starts.</param>
internal sealed record MeshPlan(IReadOnlyList<IReadOnlyList<UnitPlan>> Sidecars, IReadOnlyList<UnitPlan> Services, string? GatewayUrl)
{
    /// <summary>A dozen processes share a small machine: small garbage collector budgets cost little time and save much memory.</summary>
    private static readonly Dictionary<string, string> RuntimeSettings = new()
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_GCgen0size"] = "0x200000",
        ["DOTNET_GCConserveMemory"] = "9",
        ["DOTNET_TieredPGO"] = "0",
        // Compiled code would lie in memory twice, and starting would take longer, for a hardening that a loopback machine does not need.
        ["DOTNET_EnableWriteXorExecute"] = "0",
        ["DOTNET_EnableDiagnostics"] = "0",
        // The working folder is the data folder: each write of a database would wake the watchers of all services.
        ["DOTNET_hostBuilder__reloadConfigOnChange"] = "false",
        ["DOTNET_NOLOGO"] = "1",
        // What the compiler borrows goes back to the system; a cache of SQLite (88 KiB, for each statement that sorts) is not worth the way there and back.
        ["MALLOC_ARENA_MAX"] = "1",
        ["MALLOC_TRIM_THRESHOLD_"] = "262144",
        ["MALLOC_MMAP_THRESHOLD_"] = "131072",
        ["TARASOL_STOP_WITH_STDIN"] = "1",
    };

    /// <param name="application">What tye.yaml says.</param>
    /// <param name="services">Those that are started.</param>
    /// <param name="data">The mesh's data folder.</param>
    /// <param name="components">Folder of component files.</param>
    /// <param name="gatewayPort">Where people reach the gateway.</param>
    /// <param name="dapr">Dapr's own programs; null: the embedded host.</param>
    /// <param name="metricsPort">Where Prometheus finds the metrics of the embedded host; null: nothing is counted.</param>
    public static MeshPlan Make(
        TyeApplication application, IReadOnlyList<TyeService> services, DataFolder data, string components, int gatewayPort, DaprPrograms? dapr = null, int? metricsPort = null)
    {
        var ports = new FreePorts(services.Select(service => service.Tier == Tier.Gateway ? gatewayPort : service.Port).OfType<int>());
        var url = $"http://localhost:{gatewayPort}";
        // Those that keep data per tenant and call each other: the gateway does neither.
        var names = string.Join(',', services.Where(service => service.Tier != Tier.Gateway).Select(service => service.Name));
        var instance = Token();
        var apps = new List<SidecarApp>();
        var plans = new List<UnitPlan>();
        foreach (var service in services)
        {
            var isGateway = service.Tier == Tier.Gateway;
            var app = new SidecarApp(service.Name, isGateway ? gatewayPort : service.Port ?? ports.Next(), ports.Next(), ports.Next(), Token(), Token());
            apps.Add(app);
            var environment = new Dictionary<string, string>(RuntimeSettings);
            // Compiling a method again pays late in a service that is one of a dozen. What every call goes through, the gateway and the sidecar host, is worth it soon.
            if (!isGateway)
                environment["DOTNET_TC_CallCountThreshold"] = "0x2000";
            foreach (var (name, value) in service.Env)
                environment[name] = value;
            // The gateway is what people reach, by either loopback address; the services are for their sidecars only.
            environment["ASPNETCORE_URLS"] = isGateway ? url : $"http://127.0.0.1:{app.AppPort}";
            environment["DAPR_HTTP_PORT"] = $"{app.HttpPort}";
            environment["DAPR_GRPC_PORT"] = $"{app.GrpcPort}";
            environment["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{app.HttpPort}";
            environment["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{app.GrpcPort}";
            environment["DAPR_API_TOKEN"] = app.ApiToken;
            environment["APP_API_TOKEN"] = app.AppApiToken;
            environment[MeshUnit.InstanceVariable] = instance;
            environment["TARASOL_DATA"] = data.Path;
            environment["TARASOL_PUBLIC_URL"] = url;
            environment["TARASOL_SERVICES"] = names;
            plans.Add(UnitPlan.DotNet(service.Name, service.Tier, BuildOutput.Of(service.Project), [], data.Path, environment,
                new Uri($"http://127.0.0.1:{app.AppPort}/healthz"), app.AppPort, app.HttpPort, app.GrpcPort));
        }

        IReadOnlyList<string> resources = [components, .. application.Dapr.ResourcesPaths];
        IReadOnlyList<string> configs = application.Dapr.Config is { } config ? [config] : [];
        var sidecars = dapr is null ? [[EmbeddedHost(application, apps, resources, configs, data, metricsPort)]] : DaprdPlan.Make(dapr, apps, resources, configs, data, ports);
        return new MeshPlan(sidecars, plans, services.Any(service => service.Tier == Tier.Gateway) ? url : null);
    }

    private static UnitPlan EmbeddedHost(
        TyeApplication application, List<SidecarApp> apps, IReadOnlyList<string> resources, IReadOnlyList<string> configs, DataFolder data, int? metricsPort)
    {
        var options = new SidecarFile([.. apps.Select(app => app with { ConfigFiles = OwnOf(app.AppId, configs) })], resources, configs, data.Path, TimeSpan.FromSeconds(5), metricsPort);
        DataFolder.WriteOwnerOnly(data.Sidecar, JsonSerializer.SerializeToUtf8Bytes(options, MeshJson.Options));
        return UnitPlan.DotNet("sidecar", null, BuildOutput.Of(application.SidecarProject), ["--mesh", data.Sidecar], data.Path, RuntimeSettings,
            new Uri($"http://127.0.0.1:{apps[0].HttpPort}/v1.0/healthz/outbound"));
    }

    // Beside the common configuration, access/<app-id>.yaml says who may call the app, and may hold other sections for it alone. A daprd can tell callers apart only where there is
    // a sentry to vouch for them.
    private static IReadOnlyList<string> OwnOf(string appId, IReadOnlyList<string> configs) =>
        [.. configs.Select(config => Path.Combine(Path.GetDirectoryName(config)!, "access", $"{appId}.yaml")).Where(File.Exists)];

    private static string Token() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>The sidecar host's options, as its --mesh file has them.</summary>
    private sealed record SidecarFile(
        IReadOnlyList<SidecarApp> Apps, IReadOnlyList<string> ResourcesPaths, IReadOnlyList<string> ConfigFiles, string WorkingDirectory, TimeSpan GracefulShutdown, int? MetricsPort);
}

/// <summary>One app as its sidecar knows it.</summary>
internal sealed record SidecarApp(string AppId, int AppPort, int HttpPort, int GrpcPort, string ApiToken, string AppApiToken)
{
    /// <summary>Configuration of this app alone.</summary>
    public IReadOnlyList<string> ConfigFiles { get; init; } = [];
}
