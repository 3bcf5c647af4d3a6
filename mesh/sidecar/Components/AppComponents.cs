namespace Tarasol.Sidecar.Components;

/// <summary>The loaded components that one app may see, by name.</summary>
internal sealed class AppComponents(IReadOnlyDictionary<string, (ComponentSpec Spec, object Instance)> components)
{
    public static readonly AppComponents None = new(new Dictionary<string, (ComponentSpec, object)>());

    public IEnumerable<(ComponentSpec Spec, object Instance)> All => components.Values;

    public bool Any<T>() => components.Values.Any(component => component.Instance is T);

    /// <summary>Null when there is no component of that name or it is of another kind.</summary>
    public (ComponentSpec Spec, T Instance)? Find<T>(string name) where T : class =>
        components.TryGetValue(name, out var found) && found.Instance is T instance ? (found.Spec, instance) : null;
}
