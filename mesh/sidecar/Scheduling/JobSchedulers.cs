using System.Collections.Concurrent;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Placement;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>The agenda of each app of this process that has an actor state store. It is read when this host has it (see <see cref="AppPlacement"/>), and left when another one does.</summary>
internal sealed class JobSchedulers : IHostedService, IDisposable
{
    /// <summary>How often an app that is there looks whether another host still has its agenda.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly AppPlacement _placement;
    private readonly IPeers _peers;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly ILogger<JobSchedulers> _log;
    private readonly ConcurrentDictionary<string, Lazy<Task<JobScheduler>>> _schedulers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string AppId, string Kind), Receiver> _receivers = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _tending = Task.CompletedTask;

    public JobSchedulers(AppPlacement placement, IPeers peers, TimeProvider time, ILoggerFactory logs)
    {
        (_placement, _peers, _time, _logs, _log) = (placement, peers, time, logs, logs.CreateLogger<JobSchedulers>());
        placement.Lost += LeaveAsync;
    }

    /// <summary>Null when the app has no actor state store.</summary>
    public IAgenda? Of(AppRuntime app) => app.ActorStateStore is null ? null : new PlacedAgenda(app, this, _placement, _peers, _time);

    /// <summary>The host stops; what is asked of it is not tried again.</summary>
    public bool IsStopping => _stop.IsCancellationRequested;

    /// <summary>
    /// The app is there: says who receives its jobs of a kind. Those that are overdue come at once, or when this host gets the agenda. A failed reading throws.
    /// </summary>
    public async Task DeliverAsync(AppRuntime app, string kind, Func<ScheduledJob, CancellationToken, Task<Delivery>> receiver)
    {
        if (app.ActorStateStore is null)
            return;
        _receivers[(app.AppId, kind)] = new Receiver(app, receiver);
        _placement.Want(app, kind);
        if (await HereAsync(app) is { } scheduler)
            scheduler.Deliver(kind, WhileHere(app, receiver));
    }

    /// <summary>The app is gone; its jobs of this kind wait, here or in a host where it is there.</summary>
    public void Withdraw(AppRuntime app, string kind)
    {
        if (_receivers.TryRemove((app.AppId, kind), out _))
            _placement.Withdraw(app, kind);
    }

    /// <summary>The agenda when this host has it or can take it; null: another host has it. A failed reading throws and is tried again by the next caller.</summary>
    public async Task<JobScheduler?> HereAsync(AppRuntime app)
    {
        if (await _placement.OwnerAsync(app, _stop.Token) is not null)
            return null;
        var loading = _schedulers.GetOrAdd(app.AppId, _ => new Lazy<Task<JobScheduler>>(() => LoadAsync(app)));
        try
        {
            return await loading.Value;
        }
        catch
        {
            _schedulers.TryRemove(new(app.AppId, loading));
            throw;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _tending = Task.Run(TendAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>While the state stores are still open; the apps' parts are stopped by then.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _tending;
        foreach (var loading in _schedulers.Values)
        {
            if (loading.IsValueCreated && loading.Value.IsCompletedSuccessfully)
                await (await loading.Value).DisposeAsync();
        }
        await _placement.LeaveAsync(cancellationToken);
    }

    /// <summary>A host that was never stopped ends its work here.</summary>
    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
            _stop.Cancel();
        _stop.Dispose();
    }

    private async Task<JobScheduler> LoadAsync(AppRuntime app)
    {
        var store = new JobStore(app.ActorStateStore!, app.AppId, () => _placement.IsHere(app));
        var scheduler = await JobScheduler.LoadAsync(store, _time, _logs.CreateLogger<JobScheduler>(), _stop.Token);
        foreach (var ((_, kind), receiver) in _receivers.Where(receiver => receiver.Key.AppId == app.AppId))
            scheduler.Deliver(kind, WhileHere(app, receiver.Deliver));
        return scheduler;
    }

    /// <summary>A host that may have lost the agenda delivers nothing until it knows.</summary>
    private Func<ScheduledJob, CancellationToken, Task<Delivery>> WhileHere(AppRuntime app, Func<ScheduledJob, CancellationToken, Task<Delivery>> receiver) =>
        (job, cancel) => _placement.IsHere(app) ? receiver(job, cancel) : Task.FromResult(Delivery.Later);

    /// <summary>Another host has the agenda now.</summary>
    private async Task LeaveAsync(AppRuntime app)
    {
        if (!_schedulers.TryRemove(app.AppId, out var loading) || !loading.IsValueCreated)
            return;
        try
        {
            await (await loading.Value).DisposeAsync();
        }
        catch (Exception failure)
        {
            _log.LogDebug("The agenda of {App} had not been read: {Problem}", app.AppId, failure.Message);
        }
    }

    /// <summary>Takes over what other hosts leave.</summary>
    private async Task TendAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        var stop = _stop.Token;
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(stop))
                    return;
                foreach (var app in _receivers.Values.Select(receiver => receiver.App).Distinct().Where(app => !_placement.IsHere(app)))
                    await HereAsync(app);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away)
            {
                _log.LogWarning("Reminders and jobs wait for their store: {Problem}", away.Message);
            }
        }
    }

    private sealed record Receiver(AppRuntime App, Func<ScheduledJob, CancellationToken, Task<Delivery>> Deliver);
}
