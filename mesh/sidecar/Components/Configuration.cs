using System.Text.RegularExpressions;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Middleware;
using Tarasol.Sidecar.Workflows;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Components;

/// <summary>The merged Configuration files (daprd's --config). Later files win, section by section.</summary>
internal sealed partial class Configuration
{
    private static readonly string[] WithoutMeaning = ["features", "logging", "mtls", "wasm"];

    public static readonly Configuration None = new();

    /// <summary>Secret scopes by store name.</summary>
    public IReadOnlyDictionary<string, SecretScope> SecretScopes { get; private init; } = new Dictionary<string, SecretScope>();

    /// <summary>Who may call the app; null: everybody.</summary>
    public AccessControl? AccessControl { get; private init; }

    /// <summary>Which APIs of its sidecar the app may use; null: all.</summary>
    public ApiAccess? ApiAccess { get; private init; }

    public IReadOnlyList<PipelineHandler> HttpPipeline { get; private init; } = [];

    public IReadOnlyList<PipelineHandler> AppHttpPipeline { get; private init; } = [];

    /// <summary>Where spans go; null: nowhere.</summary>
    public TracingSection? Tracing { get; private init; }

    /// <summary>spec.metrics.http.increasedCardinality: HTTP metrics with the path.</summary>
    public bool IncreasedCardinality { get; private init; }

    public NameResolutionSection? NameResolution { get; private init; }

    public WorkflowSection Workflow { get; private init; } = new();

    /// <summary>Component types that must not be used: type or type/version.</summary>
    public IReadOnlyList<string> DeniedComponents { get; private init; } = [];

    /// <summary>Sections that this host reads past, for the log.</summary>
    public IReadOnlyList<string> Ignored { get; private init; } = [];

    public bool Denies(string type, string version) => DeniedComponents.Any(denied => denied == type || denied == $"{type}/{version}");

    /// <summary>Reads the files with $VARIABLES expanded. Throws <see cref="ConfigurationException"/> naming file and line.</summary>
    public static Configuration Load(IEnumerable<string> files, string workingDirectory)
    {
        var sections = new Dictionary<string, (YamlNode Node, ResourceDocument Document)>();
        foreach (var file in files)
        {
            var path = Path.GetFullPath(Path.Combine(workingDirectory, file));
            if (!File.Exists(path))
                throw new ConfigurationException($"the configuration file {path} does not exist");
            foreach (var document in ReadExpanded(path))
            {
                if (document.Kind != "Configuration")
                    throw document.Wrong(document.Root, $"kind {document.Kind} in a configuration file; Configuration is expected");
                if (document.Root.Child("spec") is not YamlMappingNode spec)
                    continue;
                foreach (var (key, node) in spec.Children)
                    sections[((YamlScalarNode)key).Value!] = (node, document);
            }
        }
        return new Configuration
        {
            SecretScopes = sections.TryGetValue("secrets", out var secrets) ? Scopes(secrets.Node, secrets.Document) : new Dictionary<string, SecretScope>(),
            IncreasedCardinality = ((string[])["metric", "metrics"]).Any(name => sections.TryGetValue(name, out var section) && Truth.Parse(section.Node.Child("http").Text("increasedCardinality"))),
            Tracing = Section("tracing", TracingSection.Read),
            AccessControl = Section("accessControl", Invocation.AccessControl.Read),
            ApiAccess = Section("api", Hosting.ApiAccess.Read),
            HttpPipeline = Section("httpPipeline", PipelineHandler.Read) ?? [],
            AppHttpPipeline = Section("appHttpPipeline", PipelineHandler.Read) ?? [],
            NameResolution = sections.TryGetValue("nameResolution", out var names) ? Names(names.Node, names.Document) : null,
            Workflow = sections.TryGetValue("workflow", out var workflow) ? WorkflowSection.Read(workflow.Node, workflow.Document) : new WorkflowSection(),
            DeniedComponents = sections.TryGetValue("components", out var components) ? Texts(components.Node.Child("deny"), components.Document) : [],
            Ignored = [.. sections.Keys.Where(name => WithoutMeaning.Contains(name))],
        };

        T? Section<T>(string name, Func<YamlNode, ResourceDocument, T?> read) where T : class =>
            sections.TryGetValue(name, out var section) && !Empty(section.Node) ? read(section.Node, section.Document) : null;
    }

    private static List<ResourceDocument> ReadExpanded(string path)
    {
        var expanded = Path.GetTempFileName();
        try
        {
            File.WriteAllText(expanded, Variable().Replace(File.ReadAllText(path), match => Environment.GetEnvironmentVariable(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value) ?? ""));
            return [.. ResourceCatalogue.Read(expanded).Select(document => document with { File = path })];
        }
        catch (ConfigurationException wrong)
        {
            throw new ConfigurationException(wrong.Message.Replace(expanded, path, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(expanded);
        }
    }

    private static Dictionary<string, SecretScope> Scopes(YamlNode node, ResourceDocument document)
    {
        var scopes = new Dictionary<string, SecretScope>();
        foreach (var scope in (node.Child("scopes") as YamlSequenceNode)?.Children ?? [])
        {
            var store = scope.Text("storeName") ?? throw document.Wrong(scope, "a secret scope needs a storeName");
            var access = scope.Text("defaultAccess") ?? "allow";
            if (!access.Equals("allow", StringComparison.OrdinalIgnoreCase) && !access.Equals("deny", StringComparison.OrdinalIgnoreCase))
                throw document.Wrong(scope, $"defaultAccess must be allow or deny, not {access}");
            if (!scopes.TryAdd(store, new SecretScope(
                access.Equals("deny", StringComparison.OrdinalIgnoreCase), Texts(scope.Child("allowedSecrets"), document), Texts(scope.Child("deniedSecrets"), document))))
                throw document.Wrong(scope, $"a second secret scope for the store {store}");
        }
        return scopes;
    }

    private static NameResolutionSection Names(YamlNode node, ResourceDocument document)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (node.Child("configuration") is YamlMappingNode configuration)
        {
            foreach (var (key, value) in configuration.Children)
                settings[((YamlScalarNode)key).Value!] = (value as YamlScalarNode)?.Value ?? throw document.Wrong(value, $"{key} must be a plain value");
        }
        return new NameResolutionSection(node.Text("component") ?? "mdns", settings, document.Where(node));
    }

    private static List<string> Texts(YamlNode? node, ResourceDocument document) => node switch
    {
        null or YamlScalarNode { Value: null or "" } => [],
        YamlSequenceNode list => [.. list.Children.Select(child => (child as YamlScalarNode)?.Value ?? throw document.Wrong(child, "expected a plain value"))],
        _ => throw document.Wrong(node, "expected a list"),
    };

    private static bool Empty(YamlNode node) => node switch
    {
        YamlScalarNode { Value: null or "" or "~" or "null" } => true,
        YamlMappingNode { Children.Count: 0 } => true,
        _ => false,
    };

    [GeneratedRegex(@"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")]
    private static partial Regex Variable();
}

/// <summary>Which secrets of one store may be read: the allowed ones when there are any, else all but the denied ones, else the default.</summary>
internal sealed record SecretScope(bool DenyByDefault, IReadOnlyList<string> Allowed, IReadOnlyList<string> Denied)
{
    public bool Allows(string key) => Allowed.Count > 0 ? Allowed.Contains(key) : !Denied.Contains(key) && !DenyByDefault;
}

internal sealed record NameResolutionSection(string Component, IReadOnlyDictionary<string, string> Settings, string Source);
