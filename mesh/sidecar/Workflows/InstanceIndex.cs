using System.Globalization;
using System.Text;
using System.Text.Json;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// Which instances an app has, for listing them and for finding the unfinished ones after a start: a state store cannot be scanned. Each instance has a number and
/// an entry of its own, written with its first commit. Numbers are reserved in batches, and a finished instance is noted lazily in a bitmap of its block: one that
/// is noted too late only costs a look at the next start.
/// </summary>
internal sealed class InstanceIndex(IStateStore store, string appId, string @namespace) : IDisposable
{
    private const int BlockSize = 1024;
    private const int Batch = 256;
    private static readonly TimeSpan FlushDelay = TimeSpan.FromSeconds(2);

    private readonly string _prefix = $"{appId}||dapr.internal.{@namespace}.{appId}.workflowindex||";
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _bits = new();
    private readonly SortedDictionary<long, byte[]> _finished = [];
    private readonly HashSet<long> _unsaved = [];
    private long _next = -1;
    private long _reserved;
    private bool _flushing;

    /// <summary>A number for a new instance.</summary>
    public async Task<long> AllocateAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            await LoadAsync(cancel);
            if (_next == _reserved)
            {
                await store.CommitAsync([new SetState(HeadKey, JsonSerializer.SerializeToUtf8Bytes(new IndexHead(_reserved + Batch), InstanceJson.Default.IndexHead))], cancel);
                _reserved += Batch;
            }

            return _next++;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What an instance's first commit has to write.</summary>
    public SetState Add(long number, string id) => new(EntryKey(number), Encoding.UTF8.GetBytes(id));

    /// <summary>What the commit that deletes or replaces an instance has to delete.</summary>
    public DeleteState Remove(long number) => new(EntryKey(number));

    /// <summary>Instances that may be unfinished.</summary>
    public async Task<IReadOnlyList<(long Number, string Id)>> UnfinishedAsync(CancellationToken cancel)
    {
        var unfinished = new List<(long, string)>();
        await _gate.WaitAsync(cancel);
        try
        {
            await LoadAsync(cancel);
            var numbers = Enumerable.Range(0, (int)_next).Select(number => (long)number).Where(number => !IsFinished(number));
            foreach (var some in numbers.Chunk(Batch))
            {
                var entries = await store.GetManyAsync([.. some.Select(EntryKey)], cancel);
                for (var i = 0; i < some.Length; i++)
                {
                    if (entries[i] is { } entry)
                    {
                        unfinished.Add((some[i], Encoding.UTF8.GetString(entry.Value.Span)));
                    }
                    else
                    {
                        MarkFinished(some[i]);
                    }
                }
            }
        }
        finally
        {
            _gate.Release();
        }

        return unfinished;
    }

    /// <summary>The instance needs nothing more after a start.</summary>
    public void MarkFinished(long number)
    {
        lock (_bits)
        {
            var block = number / BlockSize;
            if (!_finished.TryGetValue(block, out var bitmap))
            {
                _finished[block] = bitmap = new byte[BlockSize / 8];
            }

            bitmap[number % BlockSize / 8] |= (byte)(1 << (int)(number % 8));
            _unsaved.Add(block);
            if (_flushing)
            {
                return;
            }

            _flushing = true;
        }

        _ = FlushLaterAsync();
    }

    /// <summary>Ids in the order of their start; the token is the number to go on at.</summary>
    public async Task<(IReadOnlyList<string> Ids, string? Token)> ListAsync(string? token, int size, CancellationToken cancel)
    {
        var at = 0L;
        if (!string.IsNullOrEmpty(token) && (!long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out at)))
        {
            throw new FormatException($"'{token}' is no continuation token of this API");
        }

        long end;
        await _gate.WaitAsync(cancel);
        try
        {
            await LoadAsync(cancel);
            end = _next;
        }
        finally
        {
            _gate.Release();
        }

        var ids = new List<string>();
        for (; at < end; at += Batch)
        {
            var numbers = Enumerable.Range(0, (int)Math.Min(Batch, end - at)).Select(offset => at + offset).ToList();
            var entries = await store.GetManyAsync([.. numbers.Select(EntryKey)], cancel);
            for (var i = 0; i < numbers.Count; i++)
            {
                if (entries[i] is not { } entry)
                {
                    continue;
                }

                if (ids.Count == size)
                {
                    return (ids, numbers[i].ToString(CultureInfo.InvariantCulture));
                }

                ids.Add(Encoding.UTF8.GetString(entry.Value.Span));
            }
        }

        return (ids, null);
    }

    /// <summary>Saves what is noted of finished instances.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        List<long> blocks;
        List<StateOperation> save;
        lock (_bits)
        {
            _flushing = false;
            blocks = [.. _unsaved];
            save = [.. blocks.Select(block => new SetState(BlockKey(block), _finished[block].ToArray()))];
            _unsaved.Clear();
        }

        if (save.Count == 0)
        {
            return;
        }

        try
        {
            await store.CommitAsync(save, cancel);
        }
        catch
        {
            lock (_bits)
            {
                _unsaved.UnionWith(blocks);
            }

            throw;
        }
    }

    public void Dispose() => _gate.Dispose();

    private string HeadKey => _prefix + "index||head";

    private string EntryKey(long number) => $"{_prefix}index||instance-{number.ToString("D6", CultureInfo.InvariantCulture)}";

    private string BlockKey(long block) => $"{_prefix}index||finished-{block.ToString("D6", CultureInfo.InvariantCulture)}";

    private async Task LoadAsync(CancellationToken cancel)
    {
        if (_next >= 0)
        {
            return;
        }

        var head = await store.GetAsync(HeadKey, cancel);
        var reserved = head is null ? 0 : JsonSerializer.Deserialize(head.Value.Span, InstanceJson.Default.IndexHead)!.Reserved;
        var blocks = Enumerable.Range(0, (int)((reserved + BlockSize - 1) / BlockSize)).Select(block => (long)block).ToList();
        var bitmaps = await store.GetManyAsync([.. blocks.Select(BlockKey)], cancel);
        lock (_bits)
        {
            for (var i = 0; i < blocks.Count; i++)
            {
                _finished.TryAdd(blocks[i], bitmaps[i]?.Value.ToArray() ?? new byte[BlockSize / 8]);
            }
        }

        // The rest of the last batch is given up: whether a number of it was used is not known without a look.
        _reserved = reserved;
        _next = reserved;
    }

    private bool IsFinished(long number)
    {
        lock (_bits)
        {
            return _finished.TryGetValue(number / BlockSize, out var bitmap) && (bitmap[number % BlockSize / 8] & (1 << (int)(number % 8))) != 0;
        }
    }

    private async Task FlushLaterAsync()
    {
        await Task.Delay(FlushDelay);
        try
        {
            await FlushAsync(CancellationToken.None);
        }
#pragma warning disable CA1031 // Nothing is lost: the blocks stay unsaved and go along with the next one.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}

internal sealed record IndexHead(long Reserved);
