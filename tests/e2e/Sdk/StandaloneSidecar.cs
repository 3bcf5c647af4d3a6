using System.Collections.Concurrent;
using System.Diagnostics;
using Tarasol.Mesh.Up;

namespace Tarasol.Tests.E2e.Sdk;

/// <summary>The sidecar host of one app as its own process, started with daprd's flags in a folder with components of its own.</summary>
internal sealed class StandaloneSidecar : IAsyncDisposable
{
    private const string Components = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec:
          type: pubsub.sqlite
          version: v1
          metadata:
          - { name: connectionString, value: pubsub.db }
          - { name: redeliverInterval, value: 100ms }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore }
        spec:
          type: state.sqlite
          version: v1
          metadata:
          - { name: connectionString, value: state.db }
          - { name: actorStateStore, value: "true" }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: secretstore }
        spec:
          type: secretstores.local.file
          version: v1
          metadata:
          - { name: secretsFile, value: secrets.json }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: configstore }
        spec:
          type: configuration.local.file
          version: v1
          metadata:
          - { name: configurationFile, value: configuration.json }
          - { name: pollInterval, value: 50ms }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: lockstore }
        spec:
          type: lock.sqlite
          version: v1
          metadata:
          - { name: connectionString, value: locks.db }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: files }
        spec:
          type: bindings.localstorage
          version: v1
          metadata:
          - { name: rootPath, value: files }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: tick }
        spec:
          type: bindings.cron
          version: v1
          metadata:
          - { name: schedule, value: "@every 1s" }
        scopes: [ node ]
        """;

    private const string Configuration = """
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: { name: sdk }
        spec:
          nameResolution:
            component: sqlite
            version: v1
            configuration: { connectionString: names.db }
        """;

    private readonly ConcurrentQueue<string> output = new();
    private readonly bool ownsFolder;
    private Process? process;

    private StandaloneSidecar(string folder, bool ownsFolder)
    {
        (Folder, this.ownsFolder) = (folder, ownsFolder);
        (AppPort, HttpPort, GrpcPort) = (MeshProcess.NextPort(), MeshProcess.NextPort(), MeshProcess.NextPort());
    }

    public string Folder { get; }

    public int AppPort { get; }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    public string Output => string.Join('\n', output);

    /// <summary>Starts one and waits until its API answers. With <paramref name="folder"/> it shares components and names with another.</summary>
    public static async Task<StandaloneSidecar> StartAsync(string appId, string appProtocol, string? folder = null)
    {
        var sidecar = new StandaloneSidecar(folder ?? Directory.CreateTempSubdirectory("tarasol-sdk-").FullName, folder is null);
        if (folder is null)
        {
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(sidecar.Folder, "resources")).FullName, "all.yaml"), Components);
            await File.WriteAllTextAsync(Path.Combine(sidecar.Folder, "config.yaml"), Configuration);
            await File.WriteAllTextAsync(Path.Combine(sidecar.Folder, "secrets.json"), """{"database":"open sesame"}""");
        }
        try
        {
            await sidecar.LaunchAsync(appId, appProtocol);
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the app is there too and all its parts run.</summary>
    public async Task HealthyAsync()
    {
        using var http = new HttpClient();
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{HttpPort}/v1.0/healthz"));
            if (answer.IsSuccessStatusCode)
                return;
            if (watch.Elapsed > TimeSpan.FromSeconds(60))
                throw new TimeoutException($"the sidecar is not healthy: {await answer.Content.ReadAsStringAsync()}\n{Output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            // The end of its standard input stops it.
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
            process.Dispose();
        }
        if (ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private async Task LaunchAsync(string appId, string appProtocol)
    {
        var program = Path.Combine(MeshProcess.Root, "mesh", "sidecar", "bin", Path.Combine(AppContext.BaseDirectory.TrimEnd('/', '\\').Split('/', '\\')[^2..]), "Tarasol.Sidecar.dll");
        process = Process.Start(new ProcessStartInfo(ChildProcess.DotNetHost,
        [
            program, "--app-id", appId, "--app-port", $"{AppPort}", "--app-protocol", appProtocol, "--dapr-http-port", $"{HttpPort}", "--dapr-grpc-port", $"{GrpcPort}",
            "--dapr-listen-addresses", "127.0.0.1", "--resources-path", "resources", "--config", "config.yaml",
        ])
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TARASOL_STOP_WITH_STDIN"] = "1" },
        })!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient();
        for (var watch = Stopwatch.StartNew(); ;)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"the sidecar of {appId} ended with exit code {process.ExitCode}:\n{Output}");
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{HttpPort}/v1.0/healthz/outbound"));
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (watch.Elapsed < TimeSpan.FromSeconds(60))
            {
                // Not yet.
            }
            if (watch.Elapsed > TimeSpan.FromSeconds(60))
                throw new TimeoutException($"the sidecar of {appId} does not answer:\n{Output}");
            await Task.Delay(50);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        output.Enqueue(line);
        while (output.Count > 200)
            output.TryDequeue(out _);
    }
}
