using Microsoft.AspNetCore.Builder;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Actors;

/// <summary>Sidecars of the apps alpha (a caller without actors) and beta (with a <see cref="RawApp"/>): in one host process, or in two that find each other by name resolution.</summary>
internal sealed class ActorMesh : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actors-").FullName;
    private readonly List<WebApplication> _hosts = [];
    private readonly RawApp _alphaApp = new() { Config = "{}" };

    public RawApp App { get; } = new();

    public RawApp AlphaApp => _alphaApp;

    public HttpClient Alpha { get; private set; } = null!;

    public HttpClient Beta { get; private set; } = null!;

    public int BetaGrpcPort { get; private set; }

    private const string SqliteStore = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: statestore
        spec:
          type: state.sqlite
          version: v1
          metadata:
          - name: connectionString
            value: state.db
          - name: actorStateStore
            value: "true"
        """;

    /// <param name="store">The actor state store; SQLite when null.</param>
    /// <param name="alphaConfig">What alpha says of its actors; none when null.</param>
    public static async Task<ActorMesh> StartAsync(string? config = null, bool twoHosts = false, string? resiliency = null, string? store = null, string? alphaConfig = null)
    {
        var mesh = new ActorMesh();
        mesh._alphaApp.Config = alphaConfig ?? "{}";
        if (config is not null)
            mesh.App.Config = config;
        await mesh.StartAsync(twoHosts, resiliency, store ?? SqliteStore);
        return mesh;
    }

    public async ValueTask DisposeAsync()
    {
        await StopHostsAsync();
        await App.DisposeAsync();
        await _alphaApp.DisposeAsync();
        Alpha?.Dispose();
        Beta?.Dispose();
        Directory.Delete(_folder, true);
    }

    public async Task StopAlphaAsync()
    {
        await _hosts[0].StopAsync();
        await _hosts[0].DisposeAsync();
        _hosts.RemoveAt(0);
    }

    public async Task StopHostsAsync()
    {
        foreach (var host in _hosts.ToList())
        {
            await host.StopAsync();
            await host.DisposeAsync();
            _hosts.Remove(host);
        }
    }

    /// <summary>The sidecar of beta still hosts the actor type: it looks at what is asked of it.</summary>
    public async Task<bool> IsAcceptingActorsAsync()
    {
        using var answer = await Beta.GetAsync("/v1.0/actors/counter/q/reminders/none");
        return answer.StatusCode != System.Net.HttpStatusCode.Forbidden;
    }

    private async Task StartAsync(bool twoHosts, string? resiliency, string store)
    {
        var resources = Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "statestore.yaml"), store);
        if (resiliency is not null)
            await File.WriteAllTextAsync(Path.Combine(resources, "resiliency.yaml"), resiliency);
        var config = Path.Combine(_folder, "config.yaml");
        await File.WriteAllTextAsync(config, """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: tests
            spec:
              nameResolution:
                component: sqlite
                version: v1
                configuration:
                  connectionString: names.db
            """);
        var alpha = new AppOptions { AppId = "alpha", AppPort = FreePort.Next() };
        var beta = new AppOptions { AppId = "beta", AppPort = FreePort.Next() };
        await App.StartAsync(beta.AppPort.Value);
        await _alphaApp.StartAsync(alpha.AppPort.Value);
        foreach (var apps in twoHosts ? (IReadOnlyList<AppOptions>[])[[alpha], [beta]] : [[alpha, beta]])
        {
            var host = SidecarHost.Build(new SidecarOptions { Apps = apps, ResourcesPaths = [resources], ConfigFiles = [config], WorkingDirectory = _folder });
            _hosts.Add(host);
            await host.StartAsync();
        }
        Alpha = Client(_hosts[0].Ports("alpha").Http);
        Beta = Client(_hosts[^1].Ports("beta").Http);
        BetaGrpcPort = _hosts[^1].Ports("beta").Grpc;
        foreach (var sidecar in (HttpClient[])[Alpha, Beta])
        {
            await Scheduling.Eventually.Answers(async () =>
            {
                using var health = await sidecar.GetAsync("/v1.0/healthz");
                return (int)health.StatusCode;
            }, status => status == 204, "the sidecar is healthy");
        }
    }

    private static HttpClient Client(int port) => new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
}
