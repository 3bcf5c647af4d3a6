using System.Text.RegularExpressions;

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
        var pubsub = Repository.Read($"components/{folder}/pubsub.yaml");
        var secret = Repository.Files("services/_shared/Tarasol.Contracts", "*.cs").Select(Repository.Read).Where(source => source.Contains("> SecretFields => [\"", StringComparison.Ordinal))
            .SelectMany(source => EventType().Matches(source).Select(match => match.Groups[1].Value)).ToList();
        Assert.Equal(secret, Metadata(pubsub, "protectedTopics").Split(','));
        foreach (var topic in secret)
        {
            // An app with a scope may publish nothing else: every event of its own, and what it could not handle.
            var publisher = topic.Split('.')[0];
            var own = Repository.Files("tests/contracts/golden", $"{publisher}.*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Append($"{publisher}.dead-letter");
            Assert.Equal(own.Order(StringComparer.Ordinal), Scopes(pubsub, "publishingScopes")[publisher].Order(StringComparer.Ordinal));
            var reader = Assert.Single(Scopes(pubsub, "subscriptionScopes"));
            Assert.Equal(("notification-email", true), (reader.Key, reader.Value.Contains(topic)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_is_in_the_readme(string folder) => Assert.Contains($"| `{folder}`", Repository.Read("components/README.md"), StringComparison.Ordinal);

    private static string Metadata(string file, string name) => Regex.Match(file, $@"- name: {name}\r?\n    value: (\S+)").Groups[1].Value;

    private static Dictionary<string, string[]> Scopes(string file, string name) =>
        Metadata(file, name).Split(';').Select(app => app.Split('=')).ToDictionary(app => app[0], app => app[1].Split(','));

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
