using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Mesh.Tye;

/// <summary>Reads the subset of Tye's format that the mesh uses. Everything else is an error that names file and line.</summary>
internal sealed partial class TyeParser(string file)
{
    private readonly string root = Path.GetDirectoryName(Path.GetFullPath(file))!;

    public static TyeApplication Parse(string file, string text) => new TyeParser(Path.GetFullPath(file)).Read(text);

    private TyeApplication Read(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            throw Wrong(exception.Start.Line, $"not valid YAML: {exception.Message}");
        }

        if (stream.Documents.Count != 1)
            throw Wrong(1, stream.Documents.Count == 0 ? "the file is empty" : "only one document is understood");
        var top = Mapping(stream.Documents[0].RootNode, "the file", "name", "services", "extensions");
        var name = top.Find("name") is { } node ? Text(node, "name") : Path.GetFileName(root).ToLowerInvariant();
        var services = Services(top.Required("services"));
        var dapr = top.Find("extensions") is { } extensions ? Extensions(extensions) : new TyeDapr(null, null, []);
        return new TyeApplication(file, name, services, dapr);
    }

    private List<TyeService> Services(YamlNode node)
    {
        var services = new List<TyeService>();
        foreach (var item in List(node, "services"))
        {
            var map = Mapping(item, "a service", "name", "project", "tags", "bindings", "env");
            var nameNode = map.Required("name");
            var name = Text(nameNode, "name");
            if (!ServiceName().IsMatch(name))
                throw Wrong(nameNode, $"service name '{name}': use lower-case letters, digits and '-', at most 63, beginning and ending with a letter or digit");
            if (services.Any(other => other.Name == name))
                throw Wrong(nameNode, $"service '{name}' is listed twice");
            var tierNode = map.Required("tags");
            var tier = ReadTier(tierNode, name);
            if (tier == Tier.Gateway && services.Any(other => other.Tier == Tier.Gateway))
                throw Wrong(tierNode, $"service '{name}': there is already a gateway");
            services.Add(new TyeService(name, Project(map.Required("project"), name), tier, Port(map.Find("bindings"), name), Env(map.Find("env"), name)));
        }

        return services.Count > 0 ? services : throw Wrong(node, "services: at least one is needed");
    }

    private Tier ReadTier(YamlNode node, string service)
    {
        var tags = List(node, "tags").Select(tag => (Node: tag, Text: Text(tag, "tags"))).ToList();
        foreach (var tag in tags)
        {
            if (!Enum.GetNames<Tier>().Contains(tag.Text, StringComparer.OrdinalIgnoreCase))
                throw Wrong(tag.Node, $"service '{service}': tag '{tag.Text}' is no tier; the tiers are {TierNames}");
        }

        return tags.Count == 1
            ? Enum.Parse<Tier>(tags[0].Text, ignoreCase: true)
            : throw Wrong(node, $"service '{service}' has {tags.Count} tags; exactly one tier is needed: {TierNames}");
    }

    private static string TierNames => string.Join(", ", Enum.GetNames<Tier>()).ToLowerInvariant();

    private string Project(YamlNode node, string service)
    {
        var relative = Text(node, "project");
        var path = Path.GetFullPath(Path.Combine(root, relative));
        if (!relative.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase))
            throw Wrong(node, $"service '{service}': project '{relative}' is not a .csproj file");
        return File.Exists(path) ? path : throw Wrong(node, $"service '{service}': project '{relative}' does not exist");
    }

    private int? Port(YamlNode? node, string service)
    {
        if (node is null)
            return null;
        var bindings = List(node, "bindings").ToList();
        if (bindings.Count != 1)
            throw Wrong(node, $"service '{service}' has {bindings.Count} bindings; one http binding is understood");
        var map = Mapping(bindings[0], "a binding", "name", "protocol", "port");
        if (map.Find("protocol") is { } protocol && Text(protocol, "protocol") != "http")
            throw Wrong(protocol, $"service '{service}': protocol '{Text(protocol, "protocol")}' is not understood; only http is");
        if (map.Find("port") is not { } portNode)
            return null;
        return int.TryParse(Text(portNode, "port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : throw Wrong(portNode, $"service '{service}': port '{Text(portNode, "port")}' is not a number from 1 to 65535");
    }

    private Dictionary<string, string> Env(YamlNode? node, string service)
    {
        var env = new Dictionary<string, string>();
        if (node is null)
            return env;
        foreach (var item in List(node, "env"))
        {
            var (name, value) = item is YamlScalarNode { Value: { } compact } ? Compact(compact) : NameAndValue(item);
            if (name.Length == 0 || name.Contains(' ', StringComparison.Ordinal))
                throw Wrong(item, $"service '{service}': '{name}' is no name for an environment variable");
            if (!env.TryAdd(name, value))
                throw Wrong(item, $"service '{service}': environment variable '{name}' is set twice");
        }

        return env;
    }

    /// <summary>docker-compose's short form: NAME=value, or NAME alone for the value in mesh's own environment.</summary>
    private static (string Name, string Value) Compact(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0
            ? (text, Environment.GetEnvironmentVariable(text) ?? "")
            : (text[..at], text[(at + 1)..].Trim('"'));
    }

    private (string Name, string Value) NameAndValue(YamlNode item)
    {
        var map = Mapping(item, "an environment variable", "name", "value");
        return (Text(map.Required("name"), "name"), Text(map.Required("value"), "value"));
    }

    private TyeDapr Extensions(YamlNode node)
    {
        TyeDapr? dapr = null;
        foreach (var item in List(node, "extensions"))
        {
            var map = Mapping(item, "an extension", "name", "components-path", "config", "resources-path");
            var nameNode = map.Required("name");
            if (Text(nameNode, "name") != "dapr")
                throw Wrong(nameNode, $"extension '{Text(nameNode, "name")}' is not understood; only dapr is");
            if (dapr is not null)
                throw Wrong(nameNode, "the dapr extension is listed twice");
            dapr = new TyeDapr(Existing(map.Find("components-path"), "components-path", Directory.Exists), Existing(map.Find("config"), "config", File.Exists),
                Existing(map.Find("resources-path"), "resources-path", Directory.Exists) is { } resources ? [resources] : []);
        }

        return dapr ?? new TyeDapr(null, null, []);
    }

    private string? Existing(YamlNode? node, string key, Func<string, bool> exists)
    {
        if (node is null)
            return null;
        var path = Path.GetFullPath(Path.Combine(root, Text(node, key)));
        return exists(path) ? path : throw Wrong(node, $"{key} '{Text(node, key)}' does not exist");
    }

    private Map Mapping(YamlNode node, string what, params string[] known)
    {
        if (node is not YamlMappingNode mapping)
            throw Wrong(node, $"{what} must be a mapping of {string.Join(", ", known)}");
        foreach (var key in mapping.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } text } || !known.Contains(text))
                throw Wrong(key, $"'{key}' in {what} is not understood; known are {string.Join(", ", known)}");
        }

        return new Map(this, mapping, what);
    }

    private IEnumerable<YamlNode> List(YamlNode node, string key) =>
        node is YamlSequenceNode list ? list.Children : throw Wrong(node, $"{key} must be a list");

    private string Text(YamlNode node, string key) =>
        node is YamlScalarNode { Value: { Length: > 0 } text } ? text : throw Wrong(node, $"{key} must be a text that is not empty");

    private MeshException Wrong(YamlNode node, string problem) => Wrong(node.Start.Line, problem);

    private MeshException Wrong(long line, string problem) => new($"{file}:{line}: {problem}");

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex ServiceName();

    private sealed record Map(TyeParser Parser, YamlMappingNode Node, string What)
    {
        public YamlNode? Find(string key) => Node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

        public YamlNode Required(string key) => Find(key) ?? throw Parser.Wrong(Node, $"{What} has no {key}");
    }
}
