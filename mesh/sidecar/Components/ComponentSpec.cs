using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Components;

/// <summary>One component document with secrets and templates resolved.</summary>
/// <param name="Name">metadata.name, what apps call it by.</param>
/// <param name="Type">For example state.sqlite.</param>
/// <param name="Version">v1 when empty.</param>
/// <param name="Metadata">Keys compare without regard to case.</param>
/// <param name="Scopes">App-ids that may see it; empty: all.</param>
/// <param name="Source">File and line, for messages.</param>
internal sealed record ComponentSpec(
    string Name, string Type, string Version, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Scopes, string Source)
{
    /// <summary>Of a state component that encrypts its values.</summary>
    public StateEncryption? Encryption { get; init; }
}

/// <summary>How a component type is made. One file per type in this folder, each with one of these as a static member.</summary>
/// <param name="Type">For example pubsub.in-memory.</param>
/// <param name="Keys">The metadata keys that it knows; others are reported by name.</param>
/// <param name="Create">Makes and connects the component. Throws <see cref="ComponentException"/> on wrong metadata.</param>
internal sealed record ComponentType(string Type, IReadOnlyList<string> Keys, Func<ComponentSpec, IServiceProvider, CancellationToken, Task<object>> Create)
{
    /// <summary>The values of spec.version that are served.</summary>
    public IReadOnlyList<string> Versions { get; init; } = ["v1"];
}

/// <summary>A component that cannot be used: says which, why, and where it is written.</summary>
internal sealed class ComponentException(ComponentSpec spec, string problem) : Exception($"component {spec.Name} ({spec.Type}) in {spec.Source}: {problem}");
