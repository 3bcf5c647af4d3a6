using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Tests.Architecture;

/// <summary>The files that make a mesh of the services name the same services.</summary>
public partial class MeshFilesTests
{
    private static readonly string[] Tiers = ["foundation", "core", "support", "worker", "gateway"];

    [Fact]
    public void Tye_yaml_names_every_service_folder_and_nothing_else() =>
        Assert.Equal(Repository.Services.Append("gateway").Order(StringComparer.Ordinal), Entries().Select(entry => entry.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void A_tye_entry_points_to_the_project_in_its_folder() => Assert.All(Entries(), entry =>
    {
        Assert.StartsWith(entry.Name == "gateway" ? "gateway/" : $"services/{entry.Name}/", entry.Project, StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.PathOf(entry.Project)), $"{entry.Project} does not exist");
    });

    [Fact]
    public void A_tye_entry_has_exactly_one_tier() => Assert.All(Entries(), entry => Assert.Single(entry.Tags, tag => Tiers.Contains(tag)));

    [Fact]
    public void The_gateway_sends_a_route_to_the_service_that_it_names()
    {
        using var routes = Routes();
        foreach (var route in routes.RootElement.GetProperty("ReverseProxy").GetProperty("Routes").EnumerateObject())
        {
            var path = route.Value.GetProperty("Match").GetProperty("Path").GetString()!;
            var cluster = route.Value.GetProperty("ClusterId").GetString()!;
            Assert.Contains(cluster, Repository.Services);
            if (ApiPath().Match(path) is { Success: true } api)
                Assert.Equal(cluster, api.Groups["service"].Value);
            else
                Assert.Equal("identity", cluster);
        }
    }

    [Fact]
    public void The_gateway_reaches_services_through_its_sidecar_only()
    {
        using var routes = Routes();
        foreach (var cluster in routes.RootElement.GetProperty("ReverseProxy").GetProperty("Clusters").EnumerateObject())
        {
            Assert.Contains(cluster.Name, Repository.Services);
            foreach (var destination in cluster.Value.GetProperty("Destinations").EnumerateObject())
                Assert.EndsWith($"/v1.0/invoke/{cluster.Name}/method", destination.Value.GetProperty("Address").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_gateway_opens_nothing_but_the_api_and_sign_in()
    {
        using var routes = Routes();
        foreach (var route in routes.RootElement.GetProperty("ReverseProxy").GetProperty("Routes").EnumerateObject())
            Assert.Matches(@"^(/api/[a-z]+(-[a-z]+)*/\{\*\*\w+\}|/connect/[a-z]+|/\.well-known/.*)$", route.Value.GetProperty("Match").GetProperty("Path").GetString());
    }

    [Fact]
    public void Component_files_are_in_the_components_folder_only()
    {
        var elsewhere = Repository.Files(".", "*.yaml", "*.yml")
            .Where(file => !file.StartsWith("components/", StringComparison.Ordinal) && Component().IsMatch(Repository.Read(file)));
        Assert.Empty(elsewhere);
    }

    [Fact]
    public void Component_files_hold_no_secret()
    {
        foreach (var file in Repository.Files("components", "*.yaml", "*.yml"))
            Assert.DoesNotMatch(Secret(), Repository.Read(file));
    }

    private static JsonDocument Routes() =>
        JsonDocument.Parse(Repository.Read("gateway/routes.json"), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });

    private static List<(string Name, string Project, List<string> Tags)> Entries()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Read("tye.yaml")));
        var services = (YamlSequenceNode)yaml.Documents[0].RootNode["services"];
        return
        [
            .. services.Select(service => (
                service["name"].ToString(), service["project"].ToString(), ((YamlSequenceNode)service["tags"]).Select(tag => tag.ToString()).ToList())),
        ];
    }

    [GeneratedRegex("^/api/(?<service>[^/]+)/")]
    private static partial Regex ApiPath();

    [GeneratedRegex(@"^kind:\s*Component\s*$", RegexOptions.Multiline)]
    private static partial Regex Component();

    // A password or key written beside its name instead of a secretKeyRef.
    [GeneratedRegex(@"name:\s*\w*(password|secretKey|accessKey|apiKey|token)\w*\s*[,\n]\s*value:\s*\S", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
