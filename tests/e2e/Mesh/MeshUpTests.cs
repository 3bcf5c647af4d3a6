using System.Net;
using System.Net.Sockets;

namespace Tarasol.Tests.E2e.Mesh;

public sealed class MeshUpTests
{
    [Trait("Scale", "large")]
    [Fact]
    public async Task A_killed_service_is_started_again_and_a_killed_mesh_leaves_nothing_behind()
    {
        await using var mesh = await MeshProcess.StartAsync("--only", "directory");

        await mesh.KillAsync("directory");
        await mesh.UntilAsync(() => Task.FromResult(mesh.Output.Contains("directory is ready again", StringComparison.Ordinal)), "directory to be ready again");
        await mesh.KillAsync("sidecar");
        await mesh.UntilAsync(() => Task.FromResult(mesh.Output.Contains("sidecar is ready again", StringComparison.Ordinal)), "the sidecar to be ready again");
        await mesh.KillMeshAsync();
        await mesh.WaitGoneAsync();
        await mesh.RestartAsync();
        Assert.Equal(0, await mesh.StopAsync());
    }

    [Trait("Scale", "large")]
    [Fact]
    public async Task A_mesh_shows_its_metrics_where_it_is_told_to_and_a_second_one_on_the_same_data_is_refused()
    {
        var metrics = MeshProcess.NextPort();
        await using var mesh = await MeshProcess.StartAsync("--only", "directory", "--metrics-port", $"{metrics}");
        using var http = new HttpClient();
        Assert.Contains("dapr_runtime_component_loaded", await http.GetStringAsync(new Uri($"http://127.0.0.1:{metrics}/metrics")), StringComparison.Ordinal);

        var (exitCode, output) = await MeshProcess.RunAsync("up", "--no-build", "--only", "directory", "--data", mesh.DataPath);

        Assert.Equal(1, exitCode);
        Assert.Contains("already runs", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_message()
    {
        using var data = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, output) = await MeshProcess.RunAsync("up", "--no-build", "--port", $"{port}", "--data", data.Path);

        Assert.Equal(1, exitCode);
        Assert.Equal($"error: port {port} is in use by another program: stop that, or choose another port with --port", output.Trim());
    }

    [Trait("Scale", "large")]
    [Fact]
    public async Task Of_two_meshes_that_start_at_one_port_at_the_same_time_the_second_ends_and_says_so()
    {
        var port = MeshProcess.NextPort();

        var starts = new[] { TryAsync(), TryAsync() };
        var refusals = new List<string>();
        foreach (var (mesh, refusal) in await Task.WhenAll(starts))
        {
            if (mesh is not null)
                await mesh.DisposeAsync();
            else
                refusals.Add(refusal);
        }

        Assert.Contains($"{port}", Assert.Single(refusals), StringComparison.Ordinal);

        async Task<(MeshProcess? Mesh, string Refusal)> TryAsync()
        {
            try
            {
                return (await MeshProcess.StartAsync(port, "--only", "gateway"), "");
            }
            catch (InvalidOperationException refused)
            {
                return (null, refused.Message);
            }
        }
    }

    [Fact]
    public async Task A_broken_component_file_is_named_and_everything_is_stopped()
    {
        using var data = new TemporaryFolder();
        using var components = new TemporaryFolder();
        File.WriteAllText(Path.Combine(components.Path, "statestore.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: statestore
            spec:
              type: state.abacus
              version: v1
            """);

        var (exitCode, output) = await MeshProcess.RunAsync("up", "--no-build", "--only", "directory", "--data", data.Path, "--components", components.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains("statestore.yaml", output, StringComparison.Ordinal);
        Assert.Contains("state.abacus", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(data.Path, "mesh.json")));
    }
}
