using Microsoft.AspNetCore.Builder;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Two host processes in all but name, one app each, that find each other by name resolution; each with a store of its own.</summary>
internal sealed class TwoHosts : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("two-hosts-").FullName;
    private readonly Dictionary<string, WebApplication> _hosts = [];
    private readonly Dictionary<string, int> _ports = [];

    public string Endpoint(string appId) => $"http://127.0.0.1:{_ports[appId]}";

    public static async Task<TwoHosts> StartAsync(params string[] appIds)
    {
        var hosts = new TwoHosts();
        foreach (var appId in appIds)
        {
            await hosts.StartAsync(appId);
        }

        return hosts;
    }

    /// <summary>The host of an app, with the gRPC port that it had before.</summary>
    public async Task StartAsync(string appId)
    {
        var resources = Directory.CreateDirectory(Path.Combine(_folder, appId)).FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "state.yaml"), $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec:
              type: state.sqlite
              version: v1
              metadata: [{ name: connectionString, value: {{appId}}.db }, { name: actorStateStore, value: "true" }]
            """);
        var config = Path.Combine(_folder, "config.yaml");
        await File.WriteAllTextAsync(config, """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: tests }
            spec:
              nameResolution: { component: sqlite, version: v1, configuration: { connectionString: names.db } }
            """);
        var host = SidecarHost.Build(new SidecarOptions
        {
            Apps = [new AppOptions { AppId = appId, GrpcPort = _ports.GetValueOrDefault(appId) }],
            ResourcesPaths = [resources],
            ConfigFiles = [config],
            WorkingDirectory = _folder,
            GracefulShutdown = TimeSpan.FromSeconds(1),
        });
        _hosts[appId] = host;
        await host.StartAsync();
        _ports[appId] = host.Ports(appId).Grpc;
    }

    public async Task StopAsync(string appId)
    {
        _hosts.Remove(appId, out var host);
        await host!.StopAsync();
        await host.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var appId in _hosts.Keys.ToList())
        {
            await StopAsync(appId);
        }

        Directory.Delete(_folder, recursive: true);
    }
}
