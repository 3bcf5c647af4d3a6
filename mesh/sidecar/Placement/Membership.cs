using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Placement;

/// <summary>This host among those that use one actor state store: its record there, renewed while it lives, under <c>$hosts||{host}</c>.</summary>
internal sealed class Membership(IStateStore store, string host, HostAddress self, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(4);

    /// <summary>Before its end nothing is begun any more: a commit or a call under way has to be over in time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(4);

    /// <summary>What a killed host left is dropped by the store then.</summary>
    private const int KeptForSeconds = 3600;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _renewing = Task.CompletedTask;
    private long _renewed;
    private int _epoch;

    public IStateStore Store => store;

    /// <summary>Nobody can take this host for dead now.</summary>
    public bool IsAlive => Volatile.Read(ref _renewed) is not 0 and var renewed && time.GetElapsedTime(renewed) < Lasts - Margin;

    /// <summary>Another number after each lapse: what was claimed before it may be another host's.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    public async Task JoinAsync(CancellationToken cancel)
    {
        if (IsAlive)
            return;
        await _gate.WaitAsync(cancel);
        try
        {
            if (IsAlive)
                return;
            await RenewAsync(cancel);
            if (_renewing.IsCompleted && !_stop.IsCancellationRequested)
                _renewing = Task.Run(KeepRenewingAsync, CancellationToken.None);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Another host, when it lives.</summary>
    public async Task<HostRecord?> FindAsync(string other, CancellationToken cancel)
    {
        if (await store.GetAsync(Key(other), cancel) is not { } found)
            return null;
        var record = JsonSerializer.Deserialize(found.Value.Span, HostRecordJson.Default.HostRecord)!;
        return record.Until < time.GetUtcNow() || HostProcess.IsDead(record.Machine, record.Process, record.Started) ? null : record;
    }

    /// <summary>Ends the renewal; what deletes the record.</summary>
    public async Task<DeleteState> LeaveAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        return new DeleteState(Key(host));
    }

    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
            _stop.Cancel();
        _stop.Dispose();
        _gate.Dispose();
    }

    private static string Key(string host) => $"$hosts||{host}";

    private async Task RenewAsync(CancellationToken cancel)
    {
        var began = Math.Max(1, time.GetTimestamp());
        var record = new HostRecord(host, HostProcess.Machine, HostProcess.Id, HostProcess.Started, self.Address, time.GetUtcNow() + Lasts);
        await store.CommitAsync([new SetState(Key(host), JsonSerializer.SerializeToUtf8Bytes(record, HostRecordJson.Default.HostRecord), TtlInSeconds: KeptForSeconds, IsText: true)], cancel);
        if (!IsAlive)
            Interlocked.Increment(ref _epoch);
        Volatile.Write(ref _renewed, began);
    }

    private async Task KeepRenewingAsync()
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        var stop = _stop.Token;
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(stop))
                    return;
                await _gate.WaitAsync(stop);
                try
                {
                    await RenewAsync(stop);
                }
                finally
                {
                    _gate.Release();
                }
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away)
            {
                // Tried again; it lapses by itself if the store stays away.
                log.LogWarning("this host's record in the actor state store could not be renewed: {Problem}", away.Message);
            }
        }
    }
}
