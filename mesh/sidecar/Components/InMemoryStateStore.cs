using System.Diagnostics.CodeAnalysis;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Components;

/// <summary>state.in-memory: gone with the process. One per component, so that keyPrefix still separates apps.</summary>
internal sealed class InMemoryStateStore(TimeProvider time) : IStateStore, IDisposable
{
    public static readonly ComponentType ComponentType = new("state.in-memory", StateStoreKeys.Common,
        (_, services, _) => Task.FromResult<object>(new InMemoryStateStore(services.GetRequiredService<TimeProvider>())));

    private readonly Lock gate = new();
    private readonly Dictionary<string, StateItem> items = [];
    private ITimer? cleaning;

    public IReadOnlyList<string> Features { get; } = ["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE"];

    public int ParseTtl(string text) => StateTtl.Lenient(text);

    public Task<StateItem?> GetAsync(string key, CancellationToken cancel)
    {
        lock (gate)
            return Task.FromResult(Live(key));
    }

    public Task<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<StateItem?>>([.. keys.Select(Live)]);
    }

    public Task CommitAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancel)
    {
        lock (gate)
        {
            // All or nothing, and as in daprd every etag is that of the time before the transaction.
            foreach (var operation in operations)
                Check(operation, Live(operation.Key));
            foreach (var operation in operations)
            {
                if (operation is SetState set)
                    items[set.Key] = Item(set);
                else
                    items.Remove(operation.Key);
            }
        }
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        cleaning?.Dispose();
        lock (gate)
            items.Clear();
    }

    private static void Check(StateOperation operation, StateItem? current)
    {
        var key = operation.Key;
        if (operation.ETag is not { Length: > 0 } etag)
        {
            if (operation.Concurrency == Concurrency.FirstWrite && current is not null)
                throw new ETagMismatchException(key, "item already exists and no etag was passed");
            return;
        }
        if (current is null)
            throw new ETagMismatchException(key, $"state not exist or expired for key={key}");
        if (current.ETag != etag)
            throw new ETagMismatchException(key, $"state etag not match for key={key}: current={current.ETag}, expect={etag}");
    }

    private StateItem Item(SetState set)
    {
        var expires = set.TtlInSeconds is > 0 ? time.GetUtcNow().AddSeconds(set.TtlInSeconds.Value) : (DateTimeOffset?)null;
        if (expires is not null)
            cleaning ??= time.CreateTimer(_ => Clean(), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        return new StateItem(set.Value.ToArray(), Guid.NewGuid().ToString(), expires);
    }

    private StateItem? Live(string key) => items.TryGetValue(key, out var item) && !Expired(item) ? item : null;

    private bool Expired(StateItem item) => item.Expires <= time.GetUtcNow();

    private void Clean()
    {
        lock (gate)
        {
            foreach (var key in items.Where(item => Expired(item.Value)).Select(item => item.Key).ToList())
                items.Remove(key);
        }
    }
}
