using Tarasol.Sidecar.State;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>A state store that outlives the hosts that use it, as a database does.</summary>
internal sealed class MemoryStore : IStateStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _items = [];

    public IReadOnlyList<string> Features => ["ETAG", "TRANSACTIONAL"];

    /// <summary>Set: every commit fails, as with a database that is away.</summary>
    public bool IsAway { get; set; }

    /// <summary>Bytes written by all commits.</summary>
    public long Written { get; private set; }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _items.Count;
            }
        }
    }

    public Task<StateItem?> GetAsync(string key, CancellationToken cancel)
    {
        lock (_gate)
        {
            return Task.FromResult(_items.TryGetValue(key, out var value) ? new StateItem(value, "1") : null);
        }
    }

    public async Task<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var items = new List<StateItem?>();
        foreach (var key in keys)
        {
            items.Add(await GetAsync(key, cancel));
        }

        return items;
    }

    public Task CommitAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (IsAway)
            {
                throw new IOException("the database is away");
            }

            foreach (var operation in operations)
            {
                if (operation is SetState set)
                {
                    _items[set.Key] = set.Value.ToArray();
                    Written += set.Value.Length;
                }
                else
                {
                    _items.Remove(operation.Key);
                }
            }
        }

        return Task.CompletedTask;
    }
}
