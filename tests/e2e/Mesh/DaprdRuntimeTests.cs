using System.Net;
using Tarasol.Mesh;
using Tarasol.Mesh.Up;

namespace Tarasol.Tests.E2e.Mesh;

/// <summary>
/// `up --runtime daprd`. Dapr's programs are played by scripts that write down how they were called: daprd goes on as the sidecar host of this repository, which takes
/// the same flags; the health of placement and scheduler is answered by the test.
/// </summary>
[Trait("Scale", "large")]
public sealed class DaprdRuntimeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_app_gets_a_daprd_and_all_are_gone_when_the_mesh_is_killed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the scripts are for a Unix shell");
        var components = WriteComponents();
        var path = WritePrograms();
        using var stop = new CancellationTokenSource();
        var health = Task.WhenAll(AnswerHealthAsync("placement", stop.Token), AnswerHealthAsync("scheduler", stop.Token));
        await using (var mesh = await MeshProcess.StartAsync(MeshProcess.NextPort(), new Dictionary<string, string> { ["PATH"] = path },
            "--runtime", "daprd", "--components", components, "--only", "identity,tenant,directory,gateway"))
        {
            // The gateway asks each service through the sidecars: they have found each other.
            using var answer = await mesh.Gateway.GetAsync(new Uri("/healthz", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            CheckCalls(mesh, components);
            await mesh.KillAsync("daprd.directory");
            await mesh.UntilAsync(() => Task.FromResult(mesh.Output.Contains("daprd.directory is ready again", StringComparison.Ordinal)), "the daprd of directory to be ready again");
            await mesh.KillMeshAsync();
            await mesh.WaitGoneAsync();
            await mesh.RestartAsync();
            Assert.Equal(0, await mesh.StopAsync());
            await mesh.WaitGoneAsync();
        }
        await stop.CancelAsync();
        await health;
    }

    [Fact]
    public async Task Programs_that_are_not_there_are_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the scripts are for a Unix shell");
        using var data = new TemporaryFolder();
        Script("daprd", "exit 1");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "placement"), "not executable", TestContext.Current.CancellationToken);
        var (exitCode, output) = await MeshProcess.RunAsync(new Dictionary<string, string> { ["PATH"] = folder.Path }, "up", "--no-build", "--runtime", "daprd", "--data", data.Path);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: --runtime daprd starts Dapr's own programs; not on PATH: placement, scheduler.", output, StringComparison.Ordinal);
        Assert.Contains("dapr init --slim", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_that_daprd_does_not_have_is_named_with_its_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the scripts are for a Unix shell");
        using var data = new TemporaryFolder();
        var (exitCode, output) = await MeshProcess.RunAsync(new Dictionary<string, string> { ["PATH"] = WritePrograms() }, "up", "--no-build", "--runtime", "daprd", "--port", $"{MeshProcess.NextPort()}", "--data", data.Path);
        Assert.Equal(1, exitCode);
        Assert.Matches(@"components/embedded/\w+\.yaml: the component type [a-z.]+ is one that daprd does not have", output);
    }

    private static string Ports(ProcessRecord service) => $"--app-port {service.AppPort} --app-protocol http --dapr-http-port {service.DaprHttpPort} --dapr-grpc-port {service.DaprGrpcPort}";

    private void CheckCalls(MeshProcess mesh, string components)
    {
        var record = MeshRecord.Load(new DataFolder(mesh.DataPath))!;
        Assert.Equal(["placement", "scheduler", "daprd.identity", "daprd.tenant", "daprd.directory", "daprd.gateway", "identity", "tenant", "directory", "gateway"],
            record.Processes.Select(process => process.Name));
        var placement = After(Call("placement"), "--port");
        var scheduler = After(Call("scheduler"), "--port");
        Assert.Equal($"127.0.0.1:{scheduler}", After(Call("scheduler"), "--override-broadcast-host-port"));
        Assert.Equal(Path.Combine(mesh.DataPath, "scheduler"), After(Call("scheduler"), "--etcd-data-dir"));
        foreach (var service in record.Processes.Where(process => process.AppPort is not null))
        {
            var call = string.Join(' ', Call($"daprd.{service.Name}"));
            Assert.StartsWith($"--app-id {service.Name} {Ports(service)} --dapr-listen-addresses 127.0.0.1 ", call, StringComparison.Ordinal);
            Assert.Contains($" --placement-host-address 127.0.0.1:{placement} --scheduler-host-address 127.0.0.1:{scheduler} --mode standalone ", call, StringComparison.Ordinal);
            Assert.Contains($" --resources-path {components} --resources-path {Path.Combine(MeshProcess.Root, "dapr-config")} --config {Path.Combine(mesh.DataPath, "names.yaml")} --config ", call, StringComparison.Ordinal);
            var environment = File.ReadAllLines(Path.Combine(folder.Path, $"daprd.{service.Name}.env"));
            Assert.Contains(environment, line => line.StartsWith("DAPR_API_TOKEN=", StringComparison.Ordinal) && line.Length == "DAPR_API_TOKEN=".Length + 64);
            Assert.Contains(environment, line => line.StartsWith("APP_API_TOKEN=", StringComparison.Ordinal) && line.Length == "APP_API_TOKEN=".Length + 64);
            Assert.DoesNotContain("token", call, StringComparison.OrdinalIgnoreCase);
        }
    }

    private string[] Call(string name) => File.ReadAllLines(Path.Combine(folder.Path, $"{name}.args"));

    private static string After(string[] call, string flag) => call[Array.IndexOf(call, flag) + 1];

    private string WriteComponents()
    {
        var components = Directory.CreateDirectory(Path.Combine(folder.Path, "components")).FullName;
        foreach (var (name, type, metadata) in new[]
        {
            ("pubsub", "pubsub.in-memory", ""), ("statestore", "state.sqlite", "[{ name: connectionString, value: state.db }, { name: actorStateStore, value: \"true\" }]"),
            ("secretstore", "secretstores.local.file", "[{ name: secretsFile, value: secrets.json }]"),
        })
            File.WriteAllText(Path.Combine(components, $"{name}.yaml"), $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {{ name: {name} }}\nspec:\n  type: {type}\n  version: v1\n  metadata: {metadata}\n");
        return components;
    }

    /// <summary>The value for PATH.</summary>
    private string WritePrograms()
    {
        var host = Path.Combine(MeshProcess.Root, "mesh", "sidecar", "bin", Path.Combine(AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2..]), "Tarasol.Sidecar.dll");
        Script("daprd", $"""
            printf '%s\n' "$@" > "{folder.Path}/daprd.$2.args"
            env > "{folder.Path}/daprd.$2.env"
            exec "{ChildProcess.DotNetHost}" "{host}" "$@"
            """);
        foreach (var name in (string[])["placement", "scheduler"])
        {
            // Complete at once: the test reads it as soon as it is there.
            Script(name, $"""
                printf '%s\n' "$@" > "{folder.Path}/{name}.tmp"
                mv "{folder.Path}/{name}.tmp" "{folder.Path}/{name}.args"
                exec sleep 1000
                """);
        }
        return $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    private void Script(string name, string text)
    {
        var file = Path.Combine(folder.Path, name);
        File.WriteAllText(file, $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Answers 200 at the health port of each start of the program.</summary>
    private async Task AnswerHealthAsync(string name, CancellationToken stop)
    {
        var call = Path.Combine(folder.Path, $"{name}.args");
        HttpListener? listener = null;
        var port = "";
        try
        {
            while (true)
            {
                if (File.Exists(call) && After(await File.ReadAllLinesAsync(call, stop), "--healthz-port") is var asked && asked != port)
                {
                    listener?.Close();
                    port = asked;
                    listener = new HttpListener();
                    listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                    listener.Start();
                    _ = ServeAsync(listener);
                }
                await Task.Delay(50, stop);
            }
        }
        catch (OperationCanceledException)
        {
            listener?.Close();
        }
    }

    private static async Task ServeAsync(HttpListener listener)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                context.Response.StatusCode = context.Request.Url!.AbsolutePath == "/healthz" ? 200 : 404;
                context.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The next start has another port, or the test is over.
        }
    }
}
