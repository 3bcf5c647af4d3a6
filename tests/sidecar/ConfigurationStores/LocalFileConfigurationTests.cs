using System.Text.Json.Nodes;

namespace Tarasol.Tests.Sidecar.ConfigurationStores;

[Trait("Scale", "large")]
public sealed class LocalFileConfigurationTests : ConfigurationTests
{
    private protected override string Resources =>
        SidecarUnderTest.Component("configstore", "configuration.local.file", ("configurationFile", "configuration.json"), ("pollInterval", "20ms"));

    private protected override Task SetAsync(string folder, string key, string value, string version) =>
        EditAsync(folder, items => items[key] = version.Length == 0 ? value : new JsonObject { ["value"] = value, ["version"] = version });

    private protected override Task DeleteAsync(string folder, string key) => EditAsync(folder, items => items.Remove(key));

    [Fact]
    public async Task While_the_file_is_broken_what_was_read_last_counts()
    {
        await using var sidecar = await SidecarUnderTest.StartAsync(Resources);
        await SetAsync(sidecar.Folder, "a", "good", "");
        Task<bool> IsAsync(string value) => HasAsync(sidecar, value);
        await Poll.UntilAsync(() => IsAsync("good"));
        await File.WriteAllTextAsync(PathIn(sidecar.Folder), """{"a": "half""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathIn(sidecar.Folder), """{"a": 7}""", TestContext.Current.CancellationToken);
        Assert.True(await IsAsync("good"));
        await File.WriteAllTextAsync(PathIn(sidecar.Folder), """
            {
              // Comments and a comma too many are a person's right.
              "a": { "value": "better", "metadata": { "who": "me" } },
            }
            """, TestContext.Current.CancellationToken);
        await Poll.UntilAsync(() => IsAsync("better"));
        Assert.Equal("""{"a":{"value":"better","metadata":{"who":"me"}}}""" + "\n", (await sidecar.SendAsync("GET", "/v1.0/configuration/configstore")).Body);
    }

    [Theory]
    [InlineData("[]", "one object of keys and values")]
    [InlineData("""{"a": 7}""", "a must be a text")]
    [InlineData("""{"a": {"worth": "7"}}""", "a: worth is not one of")]
    public async Task A_broken_file_at_the_start_is_refused_by_name(string content, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("configuration-");
        try
        {
            var file = Path.Combine(folder.FullName, "c.json");
            await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => SidecarUnderTest.StartAsync(SidecarUnderTest.Component("configstore", "configuration.local.file", ("configurationFile", file))));
            Assert.Contains(file, failure.Message, StringComparison.Ordinal);
            Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<bool> HasAsync(SidecarUnderTest sidecar, string value) =>
        (await sidecar.SendAsync("GET", "/v1.0/configuration/configstore?key=a")).Body.Contains($"\"{value}\"", StringComparison.Ordinal);

    private static string PathIn(string folder) => Path.Combine(folder, "configuration.json");

    /// <summary>As careful programs and editors write: a new file in place of the old one.</summary>
    private static async Task EditAsync(string folder, Action<JsonObject> edit)
    {
        var path = PathIn(folder);
        var items = File.Exists(path) ? JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject() : [];
        edit(items);
        await File.WriteAllTextAsync(path + ".new", items.ToJsonString());
        File.Move(path + ".new", path, overwrite: true);
    }
}
