namespace Tarasol.Sidecar.ConfigurationStores;

/// <summary>One configured configuration component. Apps read from it, operators write to it by its own means.</summary>
internal interface IConfigurationStore
{
    /// <summary>The items that there are of <paramref name="keys"/>; of no keys: all.</summary>
    Task<IReadOnlyDictionary<string, ConfigurationItem>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>Tells of changes to <paramref name="keys"/> (none: of all) until the answer is disposed. <paramref name="changed"/> returns at once.</summary>
    Task<IAsyncDisposable> WatchAsync(IReadOnlyList<string> keys, ConfigurationChanged changed, CancellationToken cancel);
}

internal sealed record ConfigurationItem(string Value, string Version, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>What a subscriber gets for a key that is gone.</summary>
    public static readonly ConfigurationItem Gone = new("", "", new Dictionary<string, string>());

    public bool IsSameAs(ConfigurationItem other) =>
        Value == other.Value && Version == other.Version && Metadata.Count == other.Metadata.Count && Metadata.All(item => other.Metadata.GetValueOrDefault(item.Key) == item.Value);
}

/// <param name="key">Whose item was written or deleted.</param>
/// <param name="certain">False: the store could not look for a while, and the item may be as it was.</param>
internal delegate void ConfigurationChanged(string key, bool certain);
