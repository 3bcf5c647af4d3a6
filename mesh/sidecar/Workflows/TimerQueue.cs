namespace Tarasol.Sidecar.Workflows;

/// <summary>What is to happen later, earliest first. Entries are never taken out; whoever is called checks whether it still applies.</summary>
internal sealed class TimerQueue(TimeProvider time) : IDisposable
{
    /// <summary>Timers cannot wait longer than some weeks at once.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(12);

    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Order)> _entries = new();
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _order;
    private bool _disposed;

    public void Add(DateTimeOffset due, Action action)
    {
        lock (_gate)
        {
            _entries.Enqueue(action, (due, _order++));
            Arm();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Arm()
    {
        if (_disposed || !_entries.TryPeek(out _, out var first))
        {
            return;
        }

        var wait = first.Due - time.GetUtcNow();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestSleep ? LongestSleep : wait + TimeSpan.FromMilliseconds(1);
        _timer ??= time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        var due = new List<Action>();
        lock (_gate)
        {
            var now = time.GetUtcNow();
            while (_entries.TryPeek(out var action, out var first) && first.Due <= now)
            {
                due.Add(action);
                _entries.Dequeue();
            }

            Arm();
        }

        due.ForEach(action => action());
    }
}
