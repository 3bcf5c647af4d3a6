using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>A configuration file of one app of a host counts for that app alone.</summary>
public sealed class AppConfigurationTests
{
    private static TestApp Own(string appId) => new(appId, Options: options => options with { ConfigFiles = ["own.yaml"] });

    [Fact]
    public async Task What_it_denies_and_allows_is_denied_and_allowed_to_this_app_only()
    {
        await using var mesh = await TestMesh.StartAsync(
            Yaml.All(Yaml.Component("memory", "state.in-memory"), Yaml.Component("secrets", "secretstores.local.env")), [Own("one"), new TestApp("two")],
            Yaml.Configuration("secrets: { scopes: [ { storeName: secrets, defaultAccess: deny } ] }"),
            files: folder => File.WriteAllText(Path.Combine(folder, "own.yaml"), Yaml.Configuration("components: { deny: [ state.in-memory ] }\nsecrets: { scopes: [ { storeName: secrets, defaultAccess: allow } ] }")));

        Assert.Equal(["secrets"], await ComponentsAsync(mesh, "one"));
        Assert.Equal(["memory", "secrets"], await ComponentsAsync(mesh, "two"));
        Assert.Equal(200, await mesh.StatusAsync("one", "/v1.0/secrets/secrets/PATH"));
        Assert.Equal(403, await mesh.StatusAsync("two", "/v1.0/secrets/secrets/PATH"));
    }

    [Fact]
    public async Task Name_resolution_is_the_hosts()
    {
        var failure = await Assert.ThrowsAsync<ConfigurationException>(() => TestMesh.StartAsync("", [Own("one")],
            files: folder => File.WriteAllText(Path.Combine(folder, "own.yaml"), Yaml.Configuration("nameResolution: { component: sqlite, configuration: { connectionString: names.db } }"))));

        Assert.Contains("own.yaml:5: nameResolution is the host's", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string?>> ComponentsAsync(TestMesh mesh, string appId) =>
        (await mesh.SendAsync(appId, "GET", "/v1.0/metadata")).Json.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()).Order();
}
