using System.Text.Json;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>How many slots an agenda has.</summary>
internal sealed record AgendaHead(int Version, int Slots);

/// <summary>
/// Where the jobs of one app-id lie in its actor state store. A state store cannot be listed, so every job lies in a numbered slot, and a head tells how many slots there are:
/// <code>
/// {appid}||$jobs||head     {"version":1,"slots":256}
/// {appid}||$jobs||17       one ScheduledJob as JSON
/// </code>
/// Scheduling, firing and deleting cost one write each, whatever the number of jobs. One process at a time writes an app-id's agenda.
/// No other key has this form: a user's state key may not contain <c>||</c>, and an actor's has four parts. Not thread-safe.
/// </summary>
/// <param name="store">The app's actor state store.</param>
/// <param name="appId">Whose jobs.</param>
/// <param name="mayWrite">Asked before each commit: another process may have the agenda by now.</param>
internal sealed class JobStore(IStateStore store, string appId, Func<bool>? mayWrite = null)
{
    private const int Growth = 256;

    /// <summary>A store's default ttl is for its users' state.</summary>
    private const int Forever = -1;
    private readonly SortedSet<int> _free = [];
    private int _slots;

    private string HeadKey => $"{appId}||$jobs||head";

    private string SlotKey(int slot) => $"{appId}||$jobs||{slot}";

    public async Task<IReadOnlyList<(int Slot, ScheduledJob Job)>> LoadAsync(CancellationToken cancel)
    {
        var head = await store.GetAsync(HeadKey, cancel);
        _slots = head is null ? 0 : JsonSerializer.Deserialize(head.Value.Span, JobJson.Default.AgendaHead)!.Slots;
        var jobs = new List<(int, ScheduledJob)>();
        foreach (var chunk in Enumerable.Range(0, _slots).Chunk(Growth))
        {
            var items = await store.GetManyAsync([.. chunk.Select(SlotKey)], cancel);
            foreach (var (slot, item) in chunk.Zip(items))
            {
                if (item is null)
                    _free.Add(slot);
                else
                    jobs.Add((slot, JsonSerializer.Deserialize(item.Value.Span, JobJson.Default.ScheduledJob)!));
            }
        }
        return jobs;
    }

    /// <summary>Writes all changes or none, in one transaction. A job without a slot gets one, a null job frees its slot.</summary>
    /// <returns>The slots, in the order of the changes; -1 where there is no job any more.</returns>
    public async Task<IReadOnlyList<int>> CommitAsync(IReadOnlyList<(int Slot, ScheduledJob? Job)> changes, CancellationToken cancel)
    {
        var operations = new List<StateOperation>(changes.Count + 1);
        var taken = new List<int>();
        var slotsBefore = _slots;
        var result = new int[changes.Count];
        for (var i = 0; i < changes.Count; i++)
        {
            var (slot, job) = changes[i];
            result[i] = job is null ? -1 : slot >= 0 ? slot : Take(taken);
            if (job is not null)
                operations.Add(new SetState(SlotKey(result[i]), JsonSerializer.SerializeToUtf8Bytes(job, JobJson.Default.ScheduledJob), TtlInSeconds: Forever, IsText: true));
            else if (slot >= 0)
                operations.Add(new DeleteState(SlotKey(slot)));
        }
        if (_slots != slotsBefore)
            operations.Add(new SetState(HeadKey, JsonSerializer.SerializeToUtf8Bytes(new AgendaHead(1, _slots), JobJson.Default.AgendaHead), TtlInSeconds: Forever, IsText: true));
        try
        {
            if (mayWrite?.Invoke() == false)
                throw new AgendaMovedException();
            if (operations.Count > 0)
                await store.CommitAsync(operations, cancel);
        }
        catch
        {
            _free.UnionWith(taken);
            // The slots that the head was to announce do not exist for a reader.
            _free.RemoveWhere(slot => slot >= slotsBefore);
            _slots = slotsBefore;
            throw;
        }
        foreach (var (slot, job) in changes)
        {
            if (job is null && slot >= 0)
                _free.Add(slot);
        }
        return result;
    }

    private int Take(List<int> taken)
    {
        if (_free.Count == 0)
        {
            _free.UnionWith(Enumerable.Range(_slots, Growth));
            _slots += Growth;
        }
        var slot = _free.Min;
        _free.Remove(slot);
        taken.Add(slot);
        return slot;
    }
}
