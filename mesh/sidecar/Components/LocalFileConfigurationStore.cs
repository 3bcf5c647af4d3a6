using System.Collections.Immutable;
using System.Text.Json;
using Tarasol.Sidecar.ConfigurationStores;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// configuration.local.file: one JSON object in a file that an operator edits, <c>{"key": "value", "other": {"value": "on", "version": "2", "metadata": {}}}</c>.
/// A change is seen within pollInterval. While the file is no such JSON, what was read last counts; no file is an empty one.
/// </summary>
internal sealed class LocalFileConfigurationStore : IConfigurationStore, IAsyncDisposable
{
    public static readonly ComponentType ComponentType = new("configuration.local.file", ["configurationFile", "pollInterval"], (spec, services, _) =>
    {
        var file = spec.Metadata.GetValueOrDefault("configurationFile") is { Length: > 0 } given ? given : throw new ComponentException(spec, "configurationFile is missing");
        var interval = ComponentDuration.Parse(spec.Metadata.GetValueOrDefault("pollInterval"), TimeSpan.FromSeconds(1));
        if (interval <= TimeSpan.Zero)
            throw new ComponentException(spec, "pollInterval must be longer than nothing");
        var path = Path.GetFullPath(Path.Combine(services.GetRequiredService<SidecarOptions>().WorkingDirectory, file));
        try
        {
            return Task.FromResult<object>(new LocalFileConfigurationStore(path, interval, services.GetRequiredService<ILogger<LocalFileConfigurationStore>>()));
        }
        catch (Exception wrong) when (wrong is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ComponentException(spec, $"{path}: {wrong.Message}");
        }
    });

    private readonly string path;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly Task polling;
    private ImmutableList<(IReadOnlyList<string> Keys, ConfigurationChanged Changed)> watches = [];
    private volatile IReadOnlyDictionary<string, ConfigurationItem> items;
    private byte[] read;
    private string complaint = "";
    private bool wasEmpty;

    private LocalFileConfigurationStore(string path, TimeSpan interval, ILogger log)
    {
        (this.path, this.log) = (path, log);
        read = Bytes();
        items = Parse(read);
        polling = Task.Run(() => PollAsync(interval));
    }

    public Task<IReadOnlyDictionary<string, ConfigurationItem>> GetAsync(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var all = items;
        return Task.FromResult(keys.Count == 0 ? all : keys.Distinct().Where(all.ContainsKey).ToDictionary(key => key, key => all[key]));
    }

    public Task<IAsyncDisposable> WatchAsync(IReadOnlyList<string> keys, ConfigurationChanged changed, CancellationToken cancel)
    {
        ImmutableInterlocked.Update(ref watches, list => list.Add((keys, changed)));
        return Task.FromResult<IAsyncDisposable>(new Watch(this, (keys, changed)));
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await polling;
        stop.Dispose();
    }

    private async Task PollAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
                Look();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Closed.
        }
    }

    private void Look()
    {
        try
        {
            var bytes = Bytes();
            // An editor may empty the file before it writes it anew.
            var isJustEmptied = bytes.Length == 0 && !wasEmpty;
            wasEmpty = bytes.Length == 0;
            if (isJustEmptied || bytes.AsSpan().SequenceEqual(read))
                return;
            var now = Parse(bytes);
            var before = items;
            (items, read, complaint) = (now, bytes, "");
            foreach (var key in before.Keys.Union(now.Keys).Where(key => !before.TryGetValue(key, out var old) || !now.TryGetValue(key, out var item) || !old.IsSameAs(item)))
            {
                foreach (var (keys, changed) in watches.Where(watch => watch.Keys.Count == 0 || watch.Keys.Contains(key)))
                    changed(key, certain: true);
            }
        }
        catch (Exception wrong) when (wrong is JsonException or IOException or UnauthorizedAccessException)
        {
            if (complaint != wrong.Message)
                log.LogWarning("{File} cannot be read, what it held before counts: {Problem}", path, wrong.Message);
            complaint = wrong.Message;
        }
    }

    private byte[] Bytes()
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static Dictionary<string, ConfigurationItem> Parse(byte[] bytes)
    {
        if (bytes.Length == 0)
            return [];
        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("one object of keys and values is expected");
        var items = new Dictionary<string, ConfigurationItem>();
        foreach (var property in document.RootElement.EnumerateObject())
            items[property.Name] = Item(property.Name, property.Value);
        return items;
    }

    private static ConfigurationItem Item(string key, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            return new ConfigurationItem(value.GetString()!, "", ImmutableDictionary<string, string>.Empty);
        if (value.ValueKind != JsonValueKind.Object)
            throw new JsonException($"{key} must be a text, or an object with value, version and metadata");
        var item = ConfigurationItem.Gone;
        foreach (var property in value.EnumerateObject())
        {
            item = (property.Name, property.Value.ValueKind) switch
            {
                ("value", JsonValueKind.String) => item with { Value = property.Value.GetString()! },
                ("version", JsonValueKind.String) => item with { Version = property.Value.GetString()! },
                ("metadata", JsonValueKind.Object) when property.Value.EnumerateObject().All(one => one.Value.ValueKind == JsonValueKind.String) =>
                    item with { Metadata = property.Value.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString()!) },
                _ => throw new JsonException($"{key}: {property.Name} is not one of the texts value and version and the object metadata"),
            };
        }
        return item;
    }

    private sealed class Watch(LocalFileConfigurationStore store, (IReadOnlyList<string> Keys, ConfigurationChanged Changed) entry) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            ImmutableInterlocked.Update(ref store.watches, list => list.Remove(entry));
            return ValueTask.CompletedTask;
        }
    }
}
