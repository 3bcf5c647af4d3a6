namespace Tarasol.Sidecar.ConfigurationStores;

/// <summary>
/// One subscription to configuration. A store names the keys that changed; what is in them is read when it is delivered, so that a slow subscriber holds up
/// nobody and gets the newest.
/// </summary>
internal sealed class ConfigurationWatch(string store, IConfigurationStore source, IReadOnlyList<string> keys, ConfigurationDelivery deliver, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly Lock gate = new();
    private readonly Dictionary<string, bool> pending = [];

    // Keys whose newest change was found by a look at the store; its own notice may still be on the way and is no second change.
    private readonly HashSet<string> foundByLook = [];
    private readonly SemaphoreSlim signal = new(0);
    private readonly CancellationTokenSource stop = new();
    private Dictionary<string, ConfigurationItem> last = [];
    private IAsyncDisposable? watching;
    private Task delivering = Task.CompletedTask;

    public string Id { get; } = Guid.NewGuid().ToString();

    public string Store => store;

    /// <summary>From here on changes are remembered; they are delivered after <see cref="Start"/>.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        watching = await source.WatchAsync(keys, Changed, cancel);
        if (keys.Count > 0)
            last = new Dictionary<string, ConfigurationItem>(await source.GetAsync(keys, cancel));
    }

    public void Start() => delivering = Task.Run(DeliverAsync);

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;
        await stop.CancelAsync();
        if (watching is not null)
            await watching.DisposeAsync();
        await delivering;
    }

    private void Changed(string key, bool certain)
    {
        lock (gate)
        {
            if (pending.TryAdd(key, certain))
                signal.Release();
            else
                pending[key] |= certain;
        }
    }

    private (string Key, bool Certain) Next()
    {
        lock (gate)
        {
            var (key, certain) = pending.First();
            pending.Remove(key);
            return (key, certain);
        }
    }

    private async Task DeliverAsync()
    {
        try
        {
            while (true)
            {
                await signal.WaitAsync(stop.Token);
                var (key, certain) = Next();
                try
                {
                    var item = (await source.GetAsync([key], stop.Token)).GetValueOrDefault(key) ?? ConfigurationItem.Gone;
                    var isKnown = item.IsSameAs(last.GetValueOrDefault(key) ?? ConfigurationItem.Gone);
                    if (isKnown && (!certain || foundByLook.Remove(key)))
                        continue;
                    if (certain)
                        foundByLook.Remove(key);
                    else
                        foundByLook.Add(key);
                    last[key] = item;
                    await deliver(Id, key, item, stop.Token);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    log.LogWarning("configuration {Store}: a change of {Key} cannot be delivered, trying on: {Problem}", store, key, failure.Message);
                    Changed(key, certain);
                    await Task.Delay(Pause, stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Unsubscribed, or the subscriber's stream has ended.
        }
    }
}

/// <summary>Gives one update to the subscriber. Throwing makes it come again.</summary>
internal delegate Task ConfigurationDelivery(string id, string key, ConfigurationItem item, CancellationToken cancel);
