using System.Threading.Channels;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>One open stream to a worker: what waits for it, what it has, and which histories it knows how much of.</summary>
internal sealed class WorkerStream(bool keepsHistory)
{
    /// <summary>Beyond it all are forgotten, which costs one full sending each.</summary>
    private const int MostKnown = 10_000;

    private readonly Channel<Pending> _queue = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private readonly HashSet<Pending> _mine = [];
    private readonly Dictionary<string, (string Run, int Events)> _known = new(StringComparer.Ordinal);

    /// <summary>Items that it has or that wait for it.</summary>
    public int Load
    {
        get
        {
            lock (_gate)
            {
                return _mine.Count;
            }
        }
    }

    public void Queue(Pending pending)
    {
        lock (_gate)
        {
            _mine.Add(pending);
        }

        _queue.Writer.TryWrite(pending);
        _ = pending.Settled.ContinueWith(
            (_, item) =>
            {
                lock (_gate)
                {
                    _mine.Remove((Pending)item!);
                }
            }, pending, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public IAsyncEnumerable<Pending> ReadAllAsync(CancellationToken cancel) => _queue.Reader.ReadAllAsync(cancel);

    public bool Knows(string instanceId)
    {
        lock (_gate)
        {
            return _known.ContainsKey(instanceId);
        }
    }

    public void Forget(string instanceId)
    {
        lock (_gate)
        {
            _known.Remove(instanceId);
        }
    }

    /// <summary>The item as this worker is sent it: of a history that it keeps only the rest.</summary>
    public WorkItem Item(Pending pending)
    {
        if (pending.Turn is not { } turn)
        {
            return new WorkItem { ActivityRequest = pending.Activity };
        }

        var request = new WorkflowRequest { InstanceId = turn.InstanceId, NewEvents = { turn.NewEvents } };
        var kept = 0;
        if (keepsHistory)
        {
            lock (_gate)
            {
                if (_known.TryGetValue(turn.InstanceId, out var known) && known.Run == turn.Run && known.Events <= turn.Past)
                {
                    kept = known.Events;
                }

                if (_known.Count >= MostKnown)
                {
                    _known.Clear();
                }

                _known[turn.InstanceId] = (turn.Run, turn.Past);
            }
        }

        if (kept > 0)
        {
            request.CachedHistory = new CachedHistory { EventCount = kept };
        }

        for (var at = kept; at < turn.Past; at++)
        {
            request.PastEvents.Add(turn.History[at]);
        }

        return new WorkItem { WorkflowRequest = request };
    }

    /// <summary>Takes no more; answers what it had and has not answered.</summary>
    public IReadOnlyList<Pending> Close()
    {
        lock (_gate)
        {
            _queue.Writer.TryComplete();
            return [.. _mine];
        }
    }
}
