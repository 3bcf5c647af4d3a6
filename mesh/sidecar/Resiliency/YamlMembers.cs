using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Resiliency;

/// <summary>Reading members of YAML maps; null where a member is missing or of another kind.</summary>
internal static class YamlMembers
{
    public static YamlNode? Member(this YamlMappingNode node, string name) =>
        node.Children.FirstOrDefault(child => child.Key is YamlScalarNode key && string.Equals(key.Value, name, StringComparison.OrdinalIgnoreCase)).Value;

    public static YamlMappingNode? Map(this YamlMappingNode node, string name) => node.Member(name) as YamlMappingNode;

    public static string? Text(this YamlMappingNode node, string name) => (node.Member(name) as YamlScalarNode)?.Value is { Length: > 0 } text ? text : null;

    public static IEnumerable<YamlNode> List(this YamlMappingNode node, string name) => (node.Member(name) as YamlSequenceNode)?.Children ?? Enumerable.Empty<YamlNode>();

    /// <summary>The members that are maps themselves, by name.</summary>
    public static IEnumerable<(string Name, YamlMappingNode Value)> Maps(this YamlMappingNode? node) =>
        node?.Children.Where(child => child.Value is YamlMappingNode).Select(child => (child.Key.ToString(), (YamlMappingNode)child.Value)) ?? [];

    public static IEnumerable<(string Name, YamlScalarNode Value)> Texts(this YamlMappingNode? node) =>
        node?.Children.Where(child => child.Value is YamlScalarNode).Select(child => (child.Key.ToString(), (YamlScalarNode)child.Value)) ?? [];

    public static int? Number(this YamlMappingNode node, string name) =>
        int.TryParse(node.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
