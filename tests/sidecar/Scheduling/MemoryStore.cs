using System.Collections.Concurrent;
using Tarasol.Sidecar.State;

namespace Tarasol.Tests.Sidecar.Scheduling;

/// <summary>A state store that tells what was written, and fails when told to.</summary>
internal sealed class MemoryStore : IStateStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _items = [];

    public IReadOnlyList<string> Features => ["ETAG", "TRANSACTIONAL"];

    public int Commits { get; private set; }

    public bool Fails { get; set; }

    public int Count
    {
        get
        {
            lock (_gate)
                return _items.Count;
        }
    }

    public Task<StateItem?> GetAsync(string key, CancellationToken cancel)
    {
        lock (_gate)
            return Task.FromResult(_items.TryGetValue(key, out var value) ? new StateItem(value, "1") : null);
    }

    public async Task<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancel) =>
        await Task.WhenAll(keys.Select(key => GetAsync(key, cancel)));

    public async Task CommitAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancel)
    {
        await Task.Yield();
        lock (_gate)
        {
            if (Fails)
                throw new IOException("the disk is full");
            Commits++;
            foreach (var operation in operations)
            {
                if (operation is SetState set)
                    _items[set.Key] = set.Value.ToArray();
                else
                    _items.Remove(operation.Key);
            }
        }
    }
}

internal static class Eventually
{
    /// <summary>Polls until it holds; the deadline only ends a test that would fail.</summary>
    public static async Task Holds(Func<bool> condition, string what)
    {
        var end = DateTime.UtcNow.AddSeconds(20);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, $"did not happen: {what}");
            await Task.Delay(5);
        }
    }

    public static async Task<T> Answers<T>(Func<Task<T>> ask, Func<T, bool> condition, string what)
    {
        var end = DateTime.UtcNow.AddSeconds(20);
        while (true)
        {
            var answer = await ask();
            if (condition(answer))
                return answer;
            Assert.True(DateTime.UtcNow < end, $"did not happen: {what}; last: {answer}");
            await Task.Delay(20);
        }
    }
}
