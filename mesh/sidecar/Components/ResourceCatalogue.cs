using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Components;

/// <summary>A resource or configuration file that cannot be used; the message names file and line.</summary>
internal class ConfigurationException(string message) : Exception(message);

/// <summary>One YAML document of a resources folder.</summary>
/// <param name="Kind">Component, Subscription, Resiliency, HTTPEndpoint, ...</param>
/// <param name="ApiVersion">For example dapr.io/v2alpha1.</param>
/// <param name="Name">metadata.name.</param>
/// <param name="Scopes">App-ids that it is for; empty: all.</param>
/// <param name="Root">The parsed document; nodes know their lines.</param>
/// <param name="File">The file that it was read from.</param>
internal sealed record ResourceDocument(string Kind, string ApiVersion, string Name, IReadOnlyList<string> Scopes, YamlMappingNode Root, string File)
{
    /// <summary>File and line, for messages.</summary>
    public string Source => Where(Root);

    /// <summary>The document's spec as JSON; plain scalars become numbers, booleans or null as YAML 1.2 reads them.</summary>
    public JsonObject Spec => Root.Child("spec") is { } spec && YamlJson.Convert(spec) is JsonObject json ? json : [];

    public bool AppliesTo(string appId) => Scopes.Count == 0 || Scopes.Contains(appId);

    /// <summary>File and line of a node of this document.</summary>
    public string Where(YamlNode node) => string.Create(CultureInfo.InvariantCulture, $"{File}:{node.Start.Line}");

    /// <summary>An exception that names this document's file and the line of <paramref name="node"/>.</summary>
    public ConfigurationException Wrong(YamlNode node, string problem) => new($"{Where(node)}: {problem}");
}

/// <summary>All documents of the resources folders, by kind, in the order of file names. Those of another namespace are left out.</summary>
internal sealed class ResourceCatalogue(IReadOnlyList<ResourceDocument> documents)
{
    public IReadOnlyList<ResourceDocument> All { get; } = documents;

    /// <summary>Links among the files that lead nowhere.</summary>
    public IReadOnlyList<string> DeadLinks { get; private init; } = [];

    public IEnumerable<ResourceDocument> OfKind(string kind) => All.Where(document => document.Kind == kind);

    /// <summary>
    /// Reads every .yaml and .yml file of the folders, not of those within. Links are followed: Kubernetes mounts a ConfigMap as links to files below ..data, a link itself, which
    /// changes all at once. Throws <see cref="ConfigurationException"/> naming file and line.
    /// </summary>
    public static ResourceCatalogue Load(IReadOnlyList<string> folders, string workingDirectory, string ns)
    {
        var documents = new List<ResourceDocument>();
        var deadLinks = new List<string>();
        foreach (var folder in folders)
        {
            var path = Path.GetFullPath(Path.Combine(workingDirectory, folder));
            if (!Directory.Exists(path))
                throw new ConfigurationException($"the resources folder {path} does not exist");
            var files = Directory.EnumerateFiles(path)
                .Where(file => Path.GetExtension(file).ToUpperInvariant() is ".YAML" or ".YML")
                .Order(StringComparer.Ordinal);
            foreach (var file in files)
            {
                if (File.ResolveLinkTarget(file, returnFinalTarget: true) is { Exists: false })
                {
                    deadLinks.Add(file);
                    continue;
                }
                documents.AddRange(Read(file).Where(document => document.Root.Child("metadata")?.Text("namespace") is not { Length: > 0 } own || own == ns));
            }
        }
        return new ResourceCatalogue(documents) { DeadLinks = deadLinks };
    }

    public static IEnumerable<ResourceDocument> Read(string file)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StreamReader(file);
            stream.Load(reader);
        }
        catch (YamlException wrong)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{file}:{wrong.Start.Line}: not valid YAML: {wrong.Message}"));
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException or FormatException)
        {
            // The reader's own slips on text that is far from YAML; they know no line.
            throw new ConfigurationException($"{file}: not valid YAML");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file} cannot be read: {failure.Message}");
        }
        foreach (var document in stream.Documents)
        {
            if (document.RootNode is not YamlMappingNode root)
            {
                if (document.RootNode is YamlScalarNode { Value: null or "" })
                    continue;
                throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{file}:{document.RootNode.Start.Line}: a resource must be a mapping with apiVersion, kind and metadata"));
            }
            yield return Describe(root, file);
        }
    }

    private static ResourceDocument Describe(YamlMappingNode root, string file)
    {
        string At(YamlNode node) => string.Create(CultureInfo.InvariantCulture, $"{file}:{node.Start.Line}");
        var kind = root.Text("kind") ?? throw new ConfigurationException($"{At(root)}: the resource has no kind");
        var scopes = root.Child("scopes") switch
        {
            null => [],
            YamlSequenceNode list => list.Children.Select(scope => (scope as YamlScalarNode)?.Value ?? throw new ConfigurationException($"{At(scope)}: scopes must be app-ids")).ToList(),
            YamlScalarNode { Value: null or "" } => [],
            { } other => throw new ConfigurationException($"{At(other)}: scopes must be a list of app-ids"),
        };
        return new ResourceDocument(kind, root.Text("apiVersion") ?? "", root.Child("metadata")?.Text("name") ?? "", scopes, root, file);
    }
}

internal static class YamlNodeExtensions
{
    public static YamlNode? Child(this YamlNode? node, string key) =>
        node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    public static string? Text(this YamlNode? node, string key) => (node.Child(key) as YamlScalarNode)?.Value;
}

internal static class YamlJson
{
    public static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(member => KeyValuePair.Create(((YamlScalarNode)member.Key).Value ?? "", Convert(member.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Convert)]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => null,
    };

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain and not ScalarStyle.Any)
            return JsonValue.Create(text);
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return null;
        if (text is "true" or "True" or "TRUE")
            return JsonValue.Create(true);
        if (text is "false" or "False" or "FALSE")
            return JsonValue.Create(false);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(text);
    }
}
