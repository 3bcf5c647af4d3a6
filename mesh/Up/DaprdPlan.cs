using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Mesh.Up;

/// <summary>The processes of Dapr itself for a mesh: placement, scheduler, and a daprd for each app.</summary>
internal static class DaprdPlan
{
    /// <summary>Component types that only the sidecar host of this repository has.</summary>
    private static readonly string[] OwnTypes = ["pubsub.sqlite", "lock.sqlite", "configuration.local.file"];

    public static IReadOnlyList<IReadOnlyList<UnitPlan>> Make(
        DaprPrograms programs, IReadOnlyList<SidecarApp> apps, IReadOnlyList<string> resources, IReadOnlyList<string> configs, DataFolder data, FreePorts ports)
    {
        RefuseOwnTypes(resources);
        var names = WriteNames(data);
        var (placement, scheduler) = (ports.Next(), ports.Next());
        var daprds = apps.Select(app => Daprd(programs.Daprd, app, resources, [names, .. configs], data, ports, placement, scheduler)).ToList();
        return [[Placement(programs.Placement, placement, data, ports), Scheduler(programs.Scheduler, scheduler, data, ports)], daprds];
    }

    private static UnitPlan Placement(string program, int port, DataFolder data, FreePorts ports)
    {
        var health = ports.Next();
        return new UnitPlan("placement", null, program,
        [
            "--port", $"{port}", "--listen-address", "127.0.0.1", "--healthz-port", $"{health}", "--healthz-listen-address", "127.0.0.1", "--enable-metrics=false",
            "--id", "dapr-placement-0", "--initial-cluster", $"dapr-placement-0=127.0.0.1:{ports.Next()}", "--mode", "standalone",
        ], data.Path, new Dictionary<string, string>(), new Uri($"http://127.0.0.1:{health}/healthz")) { Group = "control plane", OutlivesMesh = true };
    }

    private static UnitPlan Scheduler(string program, int port, DataFolder data, FreePorts ports)
    {
        var health = ports.Next();
        return new UnitPlan("scheduler", null, program,
        [
            "--port", $"{port}", "--listen-address", "127.0.0.1", "--override-broadcast-host-port", $"127.0.0.1:{port}", "--healthz-port", $"{health}", "--healthz-listen-address", "127.0.0.1",
            "--enable-metrics=false", "--id", "dapr-scheduler-server-0", "--etcd-initial-cluster", $"dapr-scheduler-server-0=http://127.0.0.1:{ports.Next()}",
            "--etcd-client-port", $"{ports.Next()}", "--etcd-client-listen-address", "127.0.0.1", "--etcd-data-dir", data.Scheduler, "--mode", "standalone",
        ], data.Path, new Dictionary<string, string>(), new Uri($"http://127.0.0.1:{health}/healthz")) { Group = "control plane", OutlivesMesh = true };
    }

    private static UnitPlan Daprd(
        string program, SidecarApp app, IReadOnlyList<string> resources, IReadOnlyList<string> configs, DataFolder data, FreePorts ports, int placement, int scheduler) =>
        new(DaprdOf(app.AppId), null, program,
        [
            "--app-id", app.AppId, "--app-port", $"{app.AppPort}", "--app-protocol", "http", "--dapr-http-port", $"{app.HttpPort}", "--dapr-grpc-port", $"{app.GrpcPort}",
            "--dapr-listen-addresses", "127.0.0.1", "--dapr-internal-grpc-port", $"{ports.Next()}", "--dapr-internal-grpc-listen-address", "127.0.0.1", "--metrics-port", $"{ports.Next()}",
            "--metrics-listen-address", "127.0.0.1",
            "--placement-host-address", $"127.0.0.1:{placement}", "--scheduler-host-address", $"127.0.0.1:{scheduler}", "--mode", "standalone", "--dapr-graceful-shutdown-seconds", "5",
            .. resources.SelectMany(folder => new[] { "--resources-path", folder }), .. configs.SelectMany(file => new[] { "--config", file }),
        ], data.Path,
        // Tokens go by the environment, where other users of the machine cannot read them.
        new Dictionary<string, string> { ["DAPR_API_TOKEN"] = app.ApiToken, ["APP_API_TOKEN"] = app.AppApiToken, ["DAPR_HOST_IP"] = "127.0.0.1" },
        new Uri($"http://127.0.0.1:{app.HttpPort}/v1.0/healthz/outbound")) { OutlivesMesh = true };

    /// <summary>The unit that is the sidecar of an app.</summary>
    public static string DaprdOf(string appId) => $"daprd.{appId}";

    /// <summary>The daprds of one machine find each other in a file. First of the files, so that the configuration of the mesh may say otherwise.</summary>
    private static string WriteNames(DataFolder data)
    {
        File.Delete(data.Names);
        var text = $"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: names
            spec:
              nameResolution:
                component: sqlite
                version: v1
                configuration:
                  connectionString: '{data.Names.Replace("'", "''", StringComparison.Ordinal)}'
            """;
        DataFolder.WriteOwnerOnly(data.NamesConfiguration, Encoding.UTF8.GetBytes(text));
        return data.NamesConfiguration;
    }

    private static void RefuseOwnTypes(IReadOnlyList<string> folders)
    {
        foreach (var file in folders.SelectMany(Directory.EnumerateFiles).Where(file => Path.GetExtension(file).ToUpperInvariant() is ".YAML" or ".YML").Order(StringComparer.Ordinal))
        {
            foreach (var type in Types(file).Where(type => OwnTypes.Contains(type)))
                throw new MeshException($"{file}: the component type {type} is one that daprd does not have; give another folder with --components");
        }
    }

    private static List<string> Types(string file)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StreamReader(file);
            stream.Load(reader);
        }
        catch (YamlException wrong)
        {
            throw new MeshException($"{file}:{wrong.Start.Line}: not valid YAML: {wrong.Message}", wrong);
        }
        return [.. stream.Documents.Select(document => (Child(Child(document.RootNode, "spec"), "type") as YamlScalarNode)?.Value).OfType<string>()];
    }

    private static YamlNode? Child(YamlNode? node, string key) => node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
}
