using System.Threading.Channels;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>What became of one delivery.</summary>
internal enum Delivery
{
    /// <summary>The due time is over.</summary>
    Done,

    /// <summary>The due time is over and the job with it.</summary>
    Cancel,

    /// <summary>Counts as a try: the failure policy decides.</summary>
    Failed,

    /// <summary>The receiver is away: no try. The job waits for <see cref="JobScheduler.Resume"/>.</summary>
    Away,

    /// <summary>The receiver could not be reached this once: no try. Delivered again a second later.</summary>
    Later,
}

/// <summary>
/// The durable agenda of one app-id: jobs by due time, in memory as a heap and in its actor state store as they stand. A job is there once <see cref="ScheduleAsync"/>
/// returns, and a due time is delivered until its delivery is written down: after a kill of the host it may be delivered again, never lost.
/// Writes that come together share one transaction.
/// </summary>
internal sealed class JobScheduler : IAsyncDisposable
{
    /// <summary>Deliveries under way at a time; jobs of one owner are delivered one by one besides.</summary>
    private const int MaxDeliveries = 64;
    private const int MaxBatch = 256;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly JobStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<JobKey, Entry> _entries = [];
    private readonly PriorityQueue<(Entry Entry, int Stamp), DateTimeOffset> _heap = new();
    private readonly Dictionary<(string Kind, string Owner), Queue<(Entry Entry, int Stamp)>> _lanes = [];
    private readonly HashSet<Entry> _away = [];
    private int _resumed;
    private readonly Dictionary<string, Func<ScheduledJob, CancellationToken, Task<Delivery>>> _receivers = [];
    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _deliveries = new(MaxDeliveries);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private readonly Task _writing;

    private JobScheduler(JobStore store, TimeProvider time, ILogger log)
    {
        (_store, _time, _log) = (store, time, log);
        _timer = time.CreateTimer(_ => FireDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Reads the agenda. Nothing fires before <see cref="Deliver"/> names who receives it.</summary>
    public static async Task<JobScheduler> LoadAsync(JobStore store, TimeProvider time, ILogger log, CancellationToken cancel)
    {
        var jobs = await store.LoadAsync(cancel);
        var scheduler = new JobScheduler(store, time, log);
        foreach (var (slot, job) in jobs)
        {
            var entry = new Entry { Job = job, Slot = slot };
            scheduler._entries[job.Key] = entry;
            // Away until a receiver of its kind is there.
            scheduler._away.Add(entry);
        }
        return scheduler;
    }

    /// <summary>Says who receives the jobs of a kind. The jobs that are overdue come at once.</summary>
    public void Deliver(string kind, Func<ScheduledJob, CancellationToken, Task<Delivery>> receiver)
    {
        lock (_gate)
            _receivers[kind] = receiver;
        Resume(kind);
    }

    /// <summary>The receiver of this kind is back: jobs that waited for it are delivered.</summary>
    public void Resume(string kind)
    {
        lock (_gate)
        {
            _resumed++;
            foreach (var entry in _away.Where(entry => entry.Job.Key.Kind == kind).ToList())
            {
                _away.Remove(entry);
                Arm(entry, entry.Job.FireAt);
            }
        }
        FireDue();
    }

    /// <summary>Writes the job down. With <paramref name="overwrite"/> it takes the place of one with the same key, which is then forgotten, also if it is just being delivered.</summary>
    /// <param name="job">Null: only forget the present one (a job that would expire before it fires).</param>
    /// <exception cref="JobExistsException">It exists and is not to be overwritten.</exception>
    public Task ScheduleAsync(JobKey key, ScheduledJob? job, bool overwrite) =>
        SubmitAsync(draft =>
        {
            if (!overwrite && draft.Has(key))
                throw new JobExistsException(key);
            draft.Set(key, job);
        });

    /// <summary>Forgets a job; no error when there is none.</summary>
    public Task DeleteAsync(JobKey key) => SubmitAsync(draft => draft.Set(key, null));

    /// <summary>Forgets all jobs of the kind that match.</summary>
    public Task DeleteAsync(string kind, Func<JobKey, bool> match) =>
        SubmitAsync(draft =>
        {
            foreach (var job in draft.All().Where(job => job.Key.Kind == kind && match(job.Key)).ToList())
                draft.Set(job.Key, null);
        });

    public ScheduledJob? Find(JobKey key)
    {
        lock (_gate)
            return _entries.GetValueOrDefault(key)?.Job;
    }

    public IReadOnlyList<ScheduledJob> List(string kind, Func<JobKey, bool> match)
    {
        lock (_gate)
            return [.. _entries.Values.Select(entry => entry.Job).Where(job => job.Key.Kind == kind && match(job.Key)).OrderBy(job => job.Key.Owner, StringComparer.Ordinal).ThenBy(job => job.Key.Name, StringComparer.Ordinal)];
    }

    /// <summary>Deliveries are under way or wait for their turn.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
                return _lanes.Count > 0;
        }
    }

    /// <summary>Delivers nothing more. Deliveries under way are cancelled and come again at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await _timer.DisposeAsync();
        _changes.Writer.TryComplete();
        await _writing;
    }

    // ---- due times ----

    /// <summary>Under the gate. Every arming makes older places in the heap and in a lane void.</summary>
    private void Arm(Entry entry, DateTimeOffset at)
    {
        _heap.Enqueue((entry, ++entry.Stamp), at);
        if (_heap.Count > 1024 && _heap.Count > 4 * _entries.Count)
        {
            var live = _heap.UnorderedItems.Where(item => IsLive(item.Element)).ToList();
            _heap.Clear();
            _heap.EnqueueRange(live);
        }
    }

    private bool IsLive((Entry Entry, int Stamp) place) =>
        place.Entry.Stamp == place.Stamp && _entries.GetValueOrDefault(place.Entry.Job.Key) == place.Entry;

    private void FireDue()
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
                return;
            var now = _time.GetUtcNow();
            while (_heap.TryPeek(out var place, out var at) && (at <= now || !IsLive(place)))
            {
                _heap.Dequeue();
                if (IsLive(place))
                    Queue(place);
            }
            if (_heap.TryPeek(out _, out var next))
                _timer.Change(next - now < LongestSleep ? next - now : LongestSleep, Timeout.InfiniteTimeSpan);
        }
    }

    private void Queue((Entry Entry, int Stamp) place)
    {
        var lane = (place.Entry.Job.Key.Kind, place.Entry.Job.Key.Owner);
        if (_lanes.TryGetValue(lane, out var queue))
        {
            queue.Enqueue(place);
            return;
        }
        _lanes[lane] = queue = new Queue<(Entry, int)>([place]);
        _ = Task.Run(() => DeliverLaneAsync(lane, queue));
    }

    private async Task DeliverLaneAsync((string, string) lane, Queue<(Entry Entry, int Stamp)> queue)
    {
        while (true)
        {
            (Entry Entry, int Stamp) place;
            ScheduledJob job;
            Func<ScheduledJob, CancellationToken, Task<Delivery>>? receiver;
            int resumed;
            lock (_gate)
            {
                if (_stopping.IsCancellationRequested || !queue.TryDequeue(out place))
                {
                    _lanes.Remove(lane);
                    return;
                }
                if (!IsLive(place))
                    continue;
                job = place.Entry.Job;
                receiver = _receivers.GetValueOrDefault(job.Key.Kind);
                resumed = _resumed;
            }
            var delivery = receiver is null ? Delivery.Away : await TryDeliverAsync(receiver, job);
            if (delivery is Delivery.Away or Delivery.Later)
                PutBack(place, delivery, resumed);
            else
                await SettleAsync(place, job, delivery);
        }
    }

    private async Task<Delivery> TryDeliverAsync(Func<ScheduledJob, CancellationToken, Task<Delivery>> receiver, ScheduledJob job)
    {
        try
        {
            await _deliveries.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return Delivery.Later;
        }
        try
        {
            return await receiver(job, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return Delivery.Later;
        }
        catch (Exception e)
        {
            _log.LogError(e, "{Kind} {Name} of {Owner}: delivery failed", job.Key.Kind, job.Key.Name, job.Key.Owner);
            return Delivery.Failed;
        }
        finally
        {
            _deliveries.Release();
        }
    }

    /// <param name="resumed">As it was before the delivery: a receiver that came back meanwhile must not be waited for again.</param>
    private void PutBack((Entry Entry, int Stamp) place, Delivery delivery, int resumed)
    {
        lock (_gate)
        {
            if (!IsLive(place))
                return;
            if (delivery == Delivery.Away && resumed == _resumed)
                _away.Add(place.Entry);
            else
                Arm(place.Entry, _time.GetUtcNow() + Pause);
        }
        FireDue();
    }

    private async Task SettleAsync((Entry Entry, int Stamp) place, ScheduledJob job, Delivery delivery)
    {
        var next = delivery switch
        {
            Delivery.Done => job.Advance(),
            Delivery.Failed => job.Fail(_time.GetUtcNow()),
            _ => null,
        };
        if (delivery == Delivery.Failed && next?.Due != job.Due)
            _log.LogError("{Kind} {Name} of {Owner}: due time {Due:O} given up after {Attempts} tries", job.Key.Kind, job.Key.Name, job.Key.Owner, job.Due, job.Attempts + 1);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await SubmitAsync(draft => draft.Settle(place.Entry, place.Stamp, next));
                return;
            }
            catch (AgendaMovedException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Delivered, but not written down: it must not fire again while this host lives.
                _log.LogError(e, "{Kind} {Name} of {Owner}: its delivery cannot be written down yet", job.Key.Kind, job.Key.Name, job.Key.Owner);
                await Task.Delay(Pause, _time, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // ---- writes ----

    private Task SubmitAsync(Action<Draft> apply)
    {
        var change = new Change(apply, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_changes.Writer.TryWrite(change))
            throw new AgendaMovedException();
        return change.Written.Task;
    }

    private async Task WriteAsync()
    {
        var batch = new List<Change>();
        while (await _changes.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _changes.Reader.TryRead(out var change))
                batch.Add(change);
            if (!await TryWriteAsync(batch) && batch.Count > 1)
            {
                // One change that the store refuses must not take the others with it.
                foreach (var change in batch)
                    await TryWriteAsync([change]);
            }
            batch.Clear();
        }
    }

    private async Task<bool> TryWriteAsync(IReadOnlyList<Change> batch)
    {
        var draft = new Draft(this);
        var applied = new List<Change>(batch.Count);
        foreach (var change in batch.Where(change => !change.Written.Task.IsCompleted))
        {
            try
            {
                change.Apply(draft);
                applied.Add(change);
            }
            catch (JobExistsException e)
            {
                change.Written.TrySetException(e);
            }
        }
        try
        {
            var slots = await _store.CommitAsync(draft.Changes, CancellationToken.None);
            draft.Publish(slots);
        }
        catch (Exception e)
        {
            if (batch.Count == 1)
                applied.ForEach(change => change.Written.TrySetException(e));
            return false;
        }
        FireDue();
        applied.ForEach(change => change.Written.TrySetResult());
        return true;
    }

    private sealed record Change(Action<Draft> Apply, TaskCompletionSource Written);

    private sealed class Entry
    {
        public required ScheduledJob Job { get; set; }

        public int Slot { get; set; } = -1;

        public int Stamp { get; set; }
    }

    /// <summary>The changes of one transaction over what is there. Only the writer makes one, so nothing changes beneath it but stamps.</summary>
    private sealed class Draft(JobScheduler scheduler)
    {
        private readonly Dictionary<JobKey, (Entry? Before, ScheduledJob? Job)> _changes = [];
        private readonly List<JobKey> _order = [];

        public IReadOnlyList<(int Slot, ScheduledJob? Job)> Changes => [.. _order.Select(key => (_changes[key].Before?.Slot ?? -1, _changes[key].Job))];

        public bool Has(JobKey key) => _changes.TryGetValue(key, out var change) ? change.Job is not null : Before(key) is not null;

        public IEnumerable<ScheduledJob> All()
        {
            lock (scheduler._gate)
                return [.. scheduler._entries.Values.Select(entry => entry.Job).Where(job => !_changes.ContainsKey(job.Key)), .. _changes.Values.Select(change => change.Job).OfType<ScheduledJob>()];
        }

        public void Set(JobKey key, ScheduledJob? job)
        {
            if (!_changes.TryGetValue(key, out var change))
            {
                change.Before = Before(key);
                if (change.Before is null && job is null)
                    return;
                _order.Add(key);
            }
            _changes[key] = (change.Before, job);
        }

        /// <summary>Of a delivery: void when the job was overwritten or deleted meanwhile.</summary>
        public void Settle(Entry entry, int stamp, ScheduledJob? next)
        {
            var key = entry.Job.Key;
            if (!_changes.ContainsKey(key) && Before(key) == entry && entry.Stamp == stamp)
                Set(key, next);
        }

        public void Publish(IReadOnlyList<int> slots)
        {
            lock (scheduler._gate)
            {
                for (var i = 0; i < _order.Count; i++)
                {
                    var (before, job) = _changes[_order[i]];
                    if (before is not null)
                    {
                        scheduler._entries.Remove(_order[i]);
                        scheduler._away.Remove(before);
                    }
                    if (job is null)
                        continue;
                    // A new entry each time: places of the old one in heap, lanes and deliveries are void.
                    var entry = new Entry { Job = job, Slot = slots[i] };
                    scheduler._entries[job.Key] = entry;
                    scheduler.Arm(entry, job.FireAt);
                }
            }
        }

        private Entry? Before(JobKey key)
        {
            lock (scheduler._gate)
                return scheduler._entries.GetValueOrDefault(key);
        }
    }
}
