using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Tests.Architecture;

/// <summary>Every folder below components is a whole alternative to every other one (components/README.md).</summary>
public sealed partial class ComponentFolderTests
{
    private static readonly string[] Folders = [.. Directory.EnumerateDirectories(Repository.PathOf("components")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. Folders];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_has_the_same_names_as_embedded_one_in_each_file(string folder) => Assert.Equal(ComponentsOf("embedded"), ComponentsOf(folder));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_secret_that_a_file_names_is_made_by_mesh_up_and_explained(string folder)
    {
        var made = Made().Matches(Repository.Read("mesh/Up/ServerSecrets.cs")).Select(match => match.Groups[1].Value).ToHashSet();
        var readme = Repository.Read("components/README.md");
        foreach (var file in Files(folder))
        {
            var text = Repository.Read(file);
            foreach (Match secret in Secret().Matches(text))
            {
                Assert.True(secret.Groups[1].Value == secret.Groups[2].Value, $"{file}: name and key of a secretKeyRef are the same");
                Assert.True(made.Contains(secret.Groups[1].Value), $"{file}: mesh up does not make the secret {secret.Groups[1].Value}");
                Assert.Contains($"`{secret.Groups[1].Value}`", readme, StringComparison.Ordinal);
            }
            Assert.Equal(text.Contains("secretKeyRef", StringComparison.Ordinal), text.Contains("secretStore: secretstore", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_topic_with_a_secret_is_for_its_publisher_and_one_reader(string folder)
    {
        var secret = Repository.Files("services/_shared/Tarasol.Contracts", "*.cs").Select(Repository.Read).Where(source => source.Contains("> SecretFields => [\"", StringComparison.Ordinal))
            .SelectMany(source => EventType().Matches(source).Select(match => match.Groups[1].Value)).ToList();
        Assert.Equal(secret, Metadata(folder, "protectedTopics").Split(','));
        var reader = Assert.Single(Scopes(folder, "subscriptionScopes"));
        Assert.Equal("notification-email", reader.Key);
        Assert.All(secret, topic => Assert.Contains(topic, reader.Value));
    }

    // An app that is not listed may publish everything, so each app of the mesh is. When this fails after a new event, put its topic into the line of its publisher in each folder.
    [Theory]
    [MemberData(nameof(Names))]
    public void An_app_of_the_mesh_publishes_its_own_events_and_no_other(string folder)
    {
        var own = Repository.Services.ToDictionary(service => service, service => $"{service}.dead-letter");
        foreach (var topics in EventTypes().GroupBy(type => type.Split('.')[0]))
            own[topics.Key] = string.Join(',', topics.Order(StringComparer.Ordinal).Append(own[topics.Key]));
        own["gateway"] = "";
        own["notification-email"] = "notification-email.dead-letter";
        Assert.Equal(own.OrderBy(app => app.Key, StringComparer.Ordinal).Select(app => $"{app.Key}={app.Value}"),
            Scopes(folder, "publishingScopes").OrderBy(app => app.Key, StringComparer.Ordinal).Select(app => $"{app.Key}={string.Join(',', app.Value)}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_is_in_the_readme(string folder) => Assert.Contains($"| `{folder}`", Repository.Read("components/README.md"), StringComparison.Ordinal);

    private static IEnumerable<string> EventTypes() =>
        Repository.Files("services/_shared/Tarasol.Contracts", "*.cs").SelectMany(file => EventType().Matches(Repository.Read(file)).Select(match => match.Groups[1].Value));

    private static string Metadata(string folder, string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Read($"components/{folder}/pubsub.yaml")));
        return ((YamlSequenceNode)yaml.Documents[0].RootNode["spec"]["metadata"]).Single(item => item["name"].ToString() == name)["value"].ToString();
    }

    // Dapr takes spaces out and nothing else: a line break or a tab would stay part of a name.
    private static Dictionary<string, string[]> Scopes(string folder, string name) =>
        Metadata(folder, name).Replace(" ", "", StringComparison.Ordinal).Split(';').Select(app => app.Split('=')).ToDictionary(app => app[0], app => app[1].Split(','));

    private static IEnumerable<string> Files(string folder) => Repository.Files($"components/{folder}", "*.yaml").Order(StringComparer.Ordinal);

    private static List<string> ComponentsOf(string folder) =>
        [.. Files(folder).SelectMany(file => Name().Matches(Repository.Read(file)).Select(match => $"{Path.GetFileName(file)}: {match.Groups[1].Value}"))];

    [GeneratedRegex(@"static string Type => ""([^""]+)""")]
    private static partial Regex EventType();

    [GeneratedRegex(@"^metadata:\r?\n  name: (\S+)", RegexOptions.Multiline)]
    private static partial Regex Name();

    [GeneratedRegex(@"secretKeyRef:\r?\n\s+name: (\S+)\r?\n\s+key: (\S+)")]
    private static partial Regex Secret();

    [GeneratedRegex(@"\[""([a-z-]+)""\] =")]
    private static partial Regex Made();
}
