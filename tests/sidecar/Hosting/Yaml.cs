namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>Component documents of the tests.</summary>
internal static class Yaml
{
    public static string Component(string name, string type, params (string Key, string Value)[] metadata) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {"{"} name: {name} {"}"}
        spec:
          type: {type}
          version: v1
          metadata:
        {string.Join('\n', metadata.Select(item => $"  - {{ name: {item.Key}, value: \"{item.Value}\" }}"))}
        """;

    public static string All(params string[] documents) => string.Join("\n---\n", documents);

    public static string Configuration(string spec) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: {"{"} name: tests {"}"}
        spec:
        {string.Join('\n', spec.Split('\n').Select(line => "  " + line))}
        """;
}
