using Microsoft.Extensions.Logging;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Components;

/// <summary>What of a resources folder is read.</summary>
public sealed class ResourceFolderTests
{
    [Fact]
    public async Task A_ConfigMap_as_Kubernetes_mounts_it_is_read_once_and_links_that_lead_nowhere_are_left_out()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app")], files: folder =>
        {
            var resources = Path.Combine(folder, "resources");
            var version = Directory.CreateDirectory(Path.Combine(resources, "..2026_11_29_10_00_00.1")).FullName;
            File.WriteAllText(Path.Combine(version, "statestore.yaml"), Yaml.Component("statestore", "state.in-memory"));
            File.WriteAllText(Path.Combine(version, "notes.txt"), "no YAML");
            Directory.CreateSymbolicLink(Path.Combine(resources, "..data"), Path.GetFileName(version));
            File.CreateSymbolicLink(Path.Combine(resources, "statestore.yaml"), Path.Combine("..data", "statestore.yaml"));
            File.CreateSymbolicLink(Path.Combine(resources, "notes.txt"), Path.Combine("..data", "notes.txt"));
            File.CreateSymbolicLink(Path.Combine(resources, "gone.yaml"), Path.Combine("..data", "gone.yaml"));
            Directory.CreateSymbolicLink(Path.Combine(resources, "folder.yaml"), "..data");
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(resources, "within")).FullName, "other.yaml"), Yaml.Component("other", "state.in-memory"));
            File.WriteAllText(Path.Combine(resources, ".hidden.yml"), Yaml.Component("hidden", "secretstores.local.env"));
        });

        Assert.Equal(["hidden", "statestore"], (await mesh.SendAsync("app", "GET", "/v1.0/metadata")).Json.GetProperty("components").EnumerateArray()
            .Select(component => component.GetProperty("name").GetString()).Order());
        Assert.Contains(mesh.Log, line => line.Level == LogLevel.Warning && line.Message.Contains("gone.yaml is a link that leads nowhere", StringComparison.Ordinal));
    }
}
