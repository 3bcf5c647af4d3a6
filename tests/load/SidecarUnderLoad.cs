using System.Text.Json;

namespace Tarasol.Tests.Load;

/// <summary>The embedded sidecar host as a process, for some app-ids, with components in a temporary folder.</summary>
internal sealed class SidecarUnderLoad : IAsyncDisposable
{
    private readonly string folder;
    private ChildProcess? process;

    private SidecarUnderLoad(string folder, IReadOnlyList<int> httpPorts, IReadOnlyList<int> grpcPorts) => (this.folder, HttpPorts, GrpcPorts) = (folder, httpPorts, grpcPorts);

    /// <summary>Where the host works and its stores lie.</summary>
    public string Folder => folder;

    /// <summary>The gRPC port of each app-id, in their order.</summary>
    public IReadOnlyList<int> GrpcPorts { get; }

    /// <summary>The API port of each app-id, in their order.</summary>
    public IReadOnlyList<int> HttpPorts { get; }

    public long WorkingSet => process!.WorkingSet;

    /// <param name="apps">App-id and port of each app.</param>
    /// <param name="components">Component documents.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <param name="health">healthz/outbound where the apps are not there.</param>
    public static async Task<SidecarUnderLoad> StartAsync(IReadOnlyList<(string Id, int Port)> apps, IReadOnlyList<string> components, CancellationToken cancel, string health = "healthz")
    {
        var folder = Directory.CreateTempSubdirectory("tarasol-load-").FullName;
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        foreach (var (document, at) in components.Select((document, at) => (document, at)))
            await File.WriteAllTextAsync(Path.Combine(resources, $"{at}.yaml"), document, cancel);
        var ports = ChildProcess.FreePorts(apps.Count * 2);
        var mesh = Path.Combine(folder, "mesh.json");
        var file = new { apps = apps.Select((app, at) => new { appId = app.Id, appPort = app.Port, httpPort = ports[at], grpcPort = ports[apps.Count + at] }), resourcesPaths = new[] { resources }, workingDirectory = folder };
        await File.WriteAllTextAsync(mesh, JsonSerializer.Serialize(file), cancel);
        var host = new SidecarUnderLoad(folder, [.. ports.Take(apps.Count)], [.. ports.Skip(apps.Count)]);
        try
        {
            host.process = ChildProcess.Start(Assembly(), ["--mesh", mesh, "--log-level", "error"], folder);
            foreach (var port in host.HttpPorts)
                await host.process.UntilAnswersAsync(new Uri($"http://127.0.0.1:{port}/v1.0/{health}"), cancel);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The build output of mesh/sidecar that belongs to this one's: same configuration and framework.</summary>
    private static string Assembly()
    {
        var ours = new DirectoryInfo(AppContext.BaseDirectory);
        var root = ours.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var path = Path.Combine(root, "mesh", "sidecar", "bin", ours.Parent.Name, ours.Name, "Tarasol.Sidecar.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built");
    }
}
