using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// Runs the workflow instances of one app: keeps them in its actor state store, sends turns and activities to its workers, fires timers, and passes messages on to
/// other instances. Whatever is under way is known from the store alone, so that a start after a kill goes on where the store is.
/// </summary>
internal sealed partial class WorkflowEngine : IWorkflowPeer, IDisposable
{
    private const int IdleInstancesKept = 1000;

    /// <summary>How long an event may wait for a turn to take it, so that one commit does for both.</summary>
    private static readonly TimeSpan LongestUnsaved = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(10);

    private readonly WorkflowEngines _engines;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly EngineLease _lease;
    private readonly InstanceStore _store;
    private readonly InstanceIndex _index;
    private readonly TimerQueue _timers;
    private readonly WorkflowSection _section;
    private readonly PayloadLimit _limit;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Instance> _instances = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _watches = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Id, long Generation, int Timer, Timestamp FireAt), bool> _armed = new();
    private readonly ConcurrentDictionary<long, bool> _retained = new();
    private int _recovered;

    public WorkflowEngine(AppRuntime app, WorkflowEngines engines, WorkflowSection section, PayloadLimit limit, TimeProvider time, ILogger log)
    {
        var store = app.ActorStateStore ?? throw new InvalidOperationException(WorkflowErrors.NoActorStateStore);
        App = app;
        _lease = new EngineLease(store, app.AppId, app.Namespace, time, log, () => engines.Discard(this));
        _engines = engines;
        _log = log;
        _time = time;
        _store = new InstanceStore(store, app.AppId, app.Namespace, _lease);
        _index = new InstanceIndex(store, app.AppId, app.Namespace);
        _timers = new TimerQueue(time);
        _section = section;
        _limit = limit;
        WorkItems = new WorkItems(section);
    }

    public AppRuntime App { get; }

    public WorkItems WorkItems { get; }

    private Timestamp Now => Timestamp.FromDateTimeOffset(_time.GetUtcNow());

    /// <summary>Cancelled when this engine runs nothing any more: the host stops, or another one has taken over.</summary>
    public CancellationToken Ended => _stop.Token;

    /// <summary>Makes sure that this host and no other runs the app's workflows. Throws <see cref="RpcException"/> Unavailable when another one does.</summary>
    public ValueTask OwnAsync(CancellationToken cancel) => _lease.TakeAsync(cancel);

    /// <summary>A worker connected. The end of an older one may not have been noticed yet, so that each counts.</summary>
    public void WorkerConnected()
    {
        if (Interlocked.Exchange(ref _recovered, 1) == 0)
        {
            Run(RecoverAsync, "recovery");
            return;
        }

        ReleaseHeld();
    }

    /// <summary>A worker went away: those that are left may be able to go on with what it could not.</summary>
    public void WorkerLeft()
    {
        if (WorkItems.Workers > 0)
        {
            ReleaseHeld();
        }
    }

    private void ReleaseHeld()
    {
        foreach (var id in _instances.Where(each => each.Value.IsHeld).Select(each => each.Key))
        {
            Run(async () =>
            {
                await using var held = await EnterAsync(id, _stop.Token);
                held.Instance.IsHeld = false;
                Kick(held.Instance);
            }, "release of a stalled instance");
        }
    }

    /// <summary>Starts an instance. With <paramref name="unique"/>, an ended one of the same id refuses it too.</summary>
    public async Task CreateAsync(HistoryEvent start, bool unique, CancellationToken cancel)
    {
        var id = start.ExecutionStarted.WorkflowInstance.InstanceId;
        await using (var held = await EnterAsync(id, cancel))
        {
            if (held.Instance.State is { } before)
            {
                await CheckReplaceableAsync(held.Instance, before, unique, cancel);
            }

            var state = new InstanceState(id) { Sequence = await _index.AllocateAsync(cancel) };
            var changes = _store.Begin(state);
            if (held.Instance.State is { } old)
            {
                changes.Also([.. _store.Delete(old), _index.Remove(old.Sequence)]);
            }

            changes.Receive(start);
            changes.Also([_index.Add(state.Sequence, id)]);
            held.Instance.State = await CommitAsync(held.Instance, changes, cancel);
            held.Instance.Taken = null;
            held.Instance.IsHeld = false;
            WorkflowMetrics.Began(App.AppId);
            Activate(held.Instance);
        }

        Changed(id);
    }

    /// <summary>Adds an event to an instance's inbox. False: there is no such instance.</summary>
    public async Task<bool> AddEventAsync(string id, HistoryEvent happened, CancellationToken cancel)
    {
        Task saved;
        await using (var held = await EnterAsync(id, cancel))
        {
            if (held.Instance.State is null)
            {
                return false;
            }

            saved = Receive(held.Instance, happened);
        }

        await saved.WaitAsync(cancel);
        return true;
    }

    public Task<Answer<ActivityResponse>?> RunActivityAsync(ActivityRequest request, CancellationToken cancel) => WorkItems.RunActivityAsync(request, cancel);

    public async Task<string?> StartChildAsync(HistoryEvent start, CancellationToken cancel)
    {
        if (await ReadAsync(start.ExecutionStarted.WorkflowInstance.InstanceId, state => IsSameStart(state?.StartEvent?.ExecutionStarted, start.ExecutionStarted), cancel))
        {
            return null;
        }

        try
        {
            await CreateAsync(start, unique: false, cancel);
            return null;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.AlreadyExists or StatusCode.Unknown)
        {
            return error.Status.Detail;
        }
    }

    public Task<bool> IsOverAsync(string id, CancellationToken cancel) => ReadAsync(id, state => state is null || state.IsTerminal, cancel);

    /// <summary>The state as it is now; null when there is no such instance. Valid inside <paramref name="read"/> only.</summary>
    public async Task<T> ReadAsync<T>(string id, Func<InstanceState?, T> read, CancellationToken cancel)
    {
        await using var held = await EnterAsync(id, cancel);
        return read(held.Instance.State);
    }

    /// <summary>Waits until <paramref name="read"/> gives something.</summary>
    public async Task<T> WatchAsync<T>(string id, Func<InstanceState?, T?> read, CancellationToken cancel) where T : class
    {
        return await _engines.UntilStopAsync(async ended =>
        {
            while (true)
            {
                var changed = _watches.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                if (await ReadAsync(id, read, ended) is { } found)
                {
                    return found;
                }

                await changed.Task.WaitAsync(ended);
            }
        }, cancel);
    }

    /// <summary>Waits for a worker of this app.</summary>
    public Task WorkerAsync(CancellationToken cancel) => _engines.UntilStopAsync(async ended =>
    {
        await WorkItems.Connected.WaitAsync(ended);
        return true;
    }, cancel);

    /// <summary>Deletes an instance, and its children when <paramref name="recursive"/>; answers how many. Null: there is none.</summary>
    public async Task<int?> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancel)
    {
        List<(string App, string Id)> children;
        await using (var held = await EnterAsync(id, cancel))
        {
            if (held.Instance.State is not { } state)
            {
                return null;
            }

            if (!force && state.Status == OrchestrationStatus.Stalled)
            {
                throw WorkflowErrors.Unknown("workflow is stalled");
            }

            if (!force && !state.IsTerminal)
            {
                throw WorkflowErrors.Unknown("orchestration has not yet completed");
            }

            children = [.. state.Children.Select(child => (AppOf(child.Router), child.ChildWorkflowInstanceCreated.InstanceId))];
        }

        var count = 0;
        if (recursive)
        {
            foreach (var (app, child) in children)
            {
                count += _engines.Peer(app) is { } peer ? await peer.PurgeAsync(child, recursive, force, cancel) ?? 0 : 0;
            }
        }

        await using (var held = await EnterAsync(id, cancel))
        {
            if (held.Instance.State is { } state)
            {
                await _store.DeleteAsync(state, _index.Remove(state.Sequence), cancel);
                _index.MarkFinished(state.Sequence);
                if (!state.IsTerminal)
                {
                    WorkflowMetrics.Vanished(App.AppId);
                }

                held.Instance.State = null;
                held.Instance.Taken = null;
                held.Instance.Saving?.TrySetResult();
                held.Instance.Saving = null;
                count++;
            }
        }

        Changed(id);
        return count;
    }

    public Task<(IReadOnlyList<string> Ids, string? Token)> ListAsync(string? token, int size, CancellationToken cancel) => _index.ListAsync(token, size, cancel);

    /// <summary>Makes an instance from a history that another one had; open steps of it begin at once.</summary>
    public async Task CreateFromAsync(string id, IReadOnlyList<HistoryEvent> history, CancellationToken cancel)
    {
        await using (var held = await EnterAsync(id, cancel))
        {
            if (held.Instance.State is not null)
            {
                throw new RpcException(new Status(StatusCode.AlreadyExists, $"workflow '{id}' has already been created"));
            }

            var state = new InstanceState(id) { Sequence = await _index.AllocateAsync(cancel) };
            var changes = _store.Begin(state);
            var start = history.First(happened => happened.ExecutionStarted is not null);
            var open = new InstanceState(id);
            foreach (var happened in history)
            {
                changes.Append(happened);
                open.Append(happened);
            }

            foreach (var child in open.Open.Values.Where(happened => happened.ChildWorkflowInstanceCreated is not null))
            {
                changes.Send(new OutboxMessage(AppOf(child.Router), child.ChildWorkflowInstanceCreated.InstanceId, Turn.StartOfChild(child, start, App.AppId, id, Now)));
            }

            changes.Also([_index.Add(state.Sequence, id)]);
            held.Instance.State = await CommitAsync(held.Instance, changes, cancel);
            WorkflowMetrics.Began(App.AppId);
            Activate(held.Instance);
        }

        Changed(id);
    }

    /// <summary>Starts nothing more; what is under way is in the store, and the next start goes on with it.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        await _stop.CancelAsync();
        _timers.Dispose();
        foreach (var instance in _instances.Values)
        {
            if (instance.Saving is { } saving)
            {
                await SaveAsync(instance.Id, saving, cancel);
            }
        }

        await _index.FlushAsync(cancel);
        await _lease.ReleaseAsync(cancel);
    }

    /// <summary>Another host has taken over: whatever is under way here is its business now.</summary>
    public void Abandon()
    {
        _stop.Cancel();
        _timers.Dispose();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _lease.Dispose();
        _timers.Dispose();
        _index.Dispose();
    }

    private string AppOf(TaskRouter? router) => router is { HasTargetAppID: true, TargetAppID.Length: > 0 } ? router.TargetAppID : App.AppId;

    /// <summary>Looks at every instance that may be unfinished; loading one sets going what it has under way.</summary>
    private async Task RecoverAsync()
    {
        var unfinished = await _index.UnfinishedAsync(_stop.Token);
        await Parallel.ForEachAsync(unfinished, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = _stop.Token }, async (entry, cancel) =>
        {
            try
            {
                await using var held = await EnterAsync(entry.Id, cancel);
                if (held.Instance.State is not { } state || state.Sequence != entry.Number || IsFinished(state))
                {
                    _index.MarkFinished(entry.Number);
                }
                else if (!state.IsTerminal)
                {
                    WorkflowMetrics.Began(App.AppId);
                }
            }
#pragma warning disable CA1031 // One instance that cannot be read must not keep the others from going on.
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                LogNotRecovered(_log, error, entry.Id, App.AppId);
            }
#pragma warning restore CA1031
        });
        LogRecovered(_log, App.AppId, unfinished.Count);
    }

    /// <summary>Nothing is left to be done for it after a start.</summary>
    private bool IsFinished(InstanceState state) => state.IsTerminal && state.Outbox.Count == 0 && _section.Keep(state.Status) is null;

    /// <summary>An ended instance goes by itself when the configuration says so.</summary>
    private void Retain(InstanceState state)
    {
        if (_section.Keep(state.Status) is not { } keep || !_retained.TryAdd(state.Sequence, true))
        {
            return;
        }

        var (id, sequence) = (state.Id, state.Sequence);
        _timers.Add(state.Completed!.Timestamp.ToDateTimeOffset() + keep, () => Run(() => RetryAsync($"purge of instance '{id}'", async () =>
        {
            if (await ReadAsync(id, found => found is not null && found.Sequence == sequence && found.Outbox.Count == 0, _stop.Token))
            {
                await PurgeAsync(id, recursive: false, force: false, _stop.Token);
            }

            _retained.TryRemove(sequence, out _);
        }), "retention"));
    }

    /// <summary>Takes the instance of that id, loaded, for oneself alone.</summary>
    private async Task<Held> EnterAsync(string id, CancellationToken cancel)
    {
        await _lease.TakeAsync(cancel);
        while (true)
        {
            var instance = _instances.GetOrAdd(id, key => new Instance(key));
            await instance.Gate.WaitAsync(cancel);
            if (instance.IsGone)
            {
                instance.Gate.Release();
                continue;
            }

            if (instance.IsLoaded)
            {
                return new Held(this, instance);
            }

            try
            {
                instance.State = await _store.LoadAsync(id, cancel);
                instance.IsLoaded = true;
            }
            catch
            {
                Forget(instance);
                instance.Gate.Release();
                throw;
            }

            Activate(instance);
            return new Held(this, instance);
        }
    }

    private void Leave(Instance instance)
    {
        var idle = !instance.IsRunning && !instance.IsSending && instance.Saving is null && instance.RunningActivities.Count == 0 && !IsReady(instance);
        if (idle && (instance.State is null || IsFinished(instance.State) || _instances.Count > IdleInstancesKept))
        {
            Forget(instance);
        }

        instance.Gate.Release();
    }

    private void Forget(Instance instance)
    {
        instance.IsGone = true;
        _instances.TryRemove(new KeyValuePair<string, Instance>(instance.Id, instance));
    }

    /// <summary>Sets going whatever a state has under way: after it was loaded, made or changed as a whole.</summary>
    private void Activate(Instance instance)
    {
        if (instance.State is not { } state)
        {
            return;
        }

        if (state.ScheduledStart is { } start && start > _time.GetUtcNow())
        {
            _timers.Add(start, () => Run(async () =>
            {
                await using var held = await EnterAsync(instance.Id, _stop.Token);
                Kick(held.Instance);
            }, "scheduled start"));
        }

        if (state.IsTerminal)
        {
            Retain(state);
        }
        else
        {
            foreach (var timer in state.ArmedTimers.ToList())
            {
                Arm(state, timer);
            }

            foreach (var activity in state.OpenActivities.ToList())
            {
                StartActivity(instance, activity);
            }
        }

        Deliver(instance);
        Kick(instance);
    }

    /// <summary>
    /// Adds to the inbox and sees to it that a turn takes it. The task ends when the event is in the store: with the commit of the turn that takes it, or by itself when
    /// none does soon. Await it outside of the gate.
    /// </summary>
    private Task Receive(Instance instance, HistoryEvent happened)
    {
        var state = instance.State!;
        if (state.IsTerminal)
        {
            return Task.CompletedTask;
        }

        if (state.IsDuplicate(happened))
        {
            return instance.Saving?.Task ?? Task.CompletedTask;
        }

        if (state.Status == OrchestrationStatus.Stalled && happened.EventRaised is not null)
        {
            throw WorkflowErrors.Unknown("workflow is stalled");
        }

        state.Receive(happened);
        if (instance.Saving is null)
        {
            instance.Saving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            SaveSoon(instance, instance.Saving);
        }

        Kick(instance);
        return instance.Saving.Task;
    }

    private void SaveSoon(Instance instance, TaskCompletionSource saving)
    {
        var mayWait = WorkItems.Workers > 0 && (instance.IsRunning || IsReady(instance));
        Run(async () =>
        {
            if (mayWait)
            {
                await Task.Delay(LongestUnsaved, _stop.Token);
            }

            if (!saving.Task.IsCompleted)
            {
                await SaveAsync(instance.Id, saving, _stop.Token);
            }
        }, "saving");
    }

    private async Task SaveAsync(string id, TaskCompletionSource saving, CancellationToken cancel)
    {
        await using var held = await EnterAsync(id, cancel);
        if (held.Instance.Saving == saving && held.Instance.State is { } state)
        {
            held.Instance.State = await CommitAsync(held.Instance, _store.Begin(state), cancel);
        }
    }

    /// <summary>After a commit that failed nobody knows what the store has, so the instance is read again by whoever comes next.</summary>
    private static async Task<InstanceState> CommitAsync(Instance instance, InstanceStore.Changes changes, CancellationToken cancel)
    {
        try
        {
            var state = await changes.CommitAsync(cancel);
            instance.Saving?.TrySetResult();
            return state;
        }
        catch (Exception error)
        {
            instance.IsLoaded = false;
            instance.Taken = null;
            instance.Saving?.TrySetException(error);
            _ = instance.Saving?.Task.Exception; // Nobody may be waiting for it.
            throw;
        }
        finally
        {
            instance.Saving = null;
        }
    }

    private async Task CheckReplaceableAsync(Instance instance, InstanceState before, bool unique, CancellationToken cancel)
    {
        var id = instance.Id;
        if (!before.IsTerminal)
        {
            throw WorkflowErrors.AlreadyExists($"an active workflow with ID '{id}' already exists");
        }

        if (unique)
        {
            throw WorkflowErrors.AlreadyExists($"a workflow with ID '{id}' already exists and the create enforces instance ID uniqueness");
        }

        if (instance.RunningActivities.Any(before.Open.ContainsKey))
        {
            throw WorkflowErrors.Unknown($"a terminated workflow with ID '{id}' is already awaiting an activity result");
        }

        foreach (var child in before.Children.ToList())
        {
            var childId = child.ChildWorkflowInstanceCreated.InstanceId;
            if (childId != id && _engines.Peer(AppOf(child.Router)) is { } peer && !await peer.IsOverAsync(childId, cancel))
            {
                throw WorkflowErrors.AlreadyExists($"cannot recreate workflow with ID '{id}': child workflow '{childId}': orchestration has not yet completed");
            }
        }
    }

    private void Arm(InstanceState state, HistoryEvent timer)
    {
        var (id, timerId, fireAt, generation) = (state.Id, timer.EventId, timer.TimerCreated.FireAt, state.Generation);
        if (!_armed.TryAdd((id, generation, timerId, fireAt), true))
        {
            return;
        }

        _timers.Add(DueTime(fireAt), () => Run(() => RetryAsync($"timer {timerId} of instance '{id}'", async () =>
        {
            var saved = Task.CompletedTask;
            await using (var held = await EnterAsync(id, _stop.Token))
            {
                _armed.TryRemove((id, generation, timerId, fireAt), out _);
                if (held.Instance.State is { } now && now.Generation == generation && now.IsArmed(timerId, fireAt))
                {
                    saved = Receive(held.Instance, new HistoryEvent { EventId = -1, Timestamp = Now, TimerFired = new TimerFiredEvent { TimerId = timerId, FireAt = fireAt } });
                }
            }

            await saved;
        }), "timer"));
    }

    /// <summary>Waits without an end have a fire time beyond what .NET's clock knows.</summary>
    private static DateTimeOffset DueTime(Timestamp fireAt) =>
        fireAt.Seconds >= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.MaxValue : fireAt.ToDateTimeOffset();

    private bool IsReady(Instance instance) =>
        instance is { IsRunning: false, IsHeld: false, State: { IsTerminal: false } state }
        && state.Inbox.Count > 0
        && (state.ScheduledStart is not { } start || start <= _time.GetUtcNow() || state.Inbox.Exists(entry => entry.Event.ExecutionTerminated is not null));

    private void Kick(Instance instance)
    {
        if (!IsReady(instance) || _stop.IsCancellationRequested)
        {
            return;
        }

        instance.IsRunning = true;
        Run(() => RunTurnsAsync(instance.Id), "turn");
    }

    /// <summary>The one loop of an instance: one turn at a time, until nothing waits in its inbox.</summary>
    private async Task RunTurnsAsync(string id)
    {
        while (true)
        {
            TurnRequest request;
            string? executionId;
            await using (var held = await EnterAsync(id, _stop.Token))
            {
                held.Instance.IsRunning = false;
                if (!IsReady(held.Instance))
                {
                    return;
                }

                if (_limit.OfTurn(held.Instance.State!) is not null)
                {
                    held.Instance.IsHeld = true;
                    Run(() => RetryAsync($"stall of instance '{id}'", () => StallAsync(id)), "stall");
                    return;
                }

                held.Instance.IsRunning = true;
                request = Request(held.Instance);
                executionId = held.Instance.State!.ExecutionId;
            }

            if (await WorkItems.RunTurnAsync(request, _stop.Token) is not { } answer)
            {
                continue;
            }

            try
            {
                await using var held = await EnterAsync(id, _stop.Token);
                if (held.Instance.State?.ExecutionId == executionId && held.Instance.Taken is { } taken)
                {
                    await ApplyAsync(held.Instance, taken, answer.Response);
                }

                answer.Taken.TrySetResult();
            }
#pragma warning disable CA1031 // The worker is told, and the turn is sent again: its events are still in the inbox.
            catch (Exception error)
            {
                answer.Taken.TrySetException(error is RpcException ? error : WorkflowErrors.Unknown(error.Message));
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                LogTurnFailed(_log, error, id, App.AppId);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, _stop.Token);
            }
#pragma warning restore CA1031

            Changed(id);
        }
    }

    private TurnRequest Request(Instance instance)
    {
        var state = instance.State!;
        if (instance.Taken is not { } taken)
        {
            // A turn that has to be sent again keeps its events: an answer to the first sending then fits the second as well.
            var inbox = state.Inbox.ToList();
            var events = inbox.Select(entry => entry.Event).ToList();
            if (events[0].WorkflowStarted is null)
            {
                events.Insert(0, new HistoryEvent { EventId = -1, Timestamp = Now, WorkflowStarted = new WorkflowStartedEvent() });
            }

            taken = instance.Taken = new TakenEvents([.. inbox.Select(entry => entry.Number)], events);
        }

        return new TurnRequest(state.Id, state.StartEvent?.ExecutionStarted.Name ?? "", $"{state.ExecutionId} {state.Generation}", state.History, taken.Events);
    }

    private async Task ApplyAsync(Instance instance, TakenEvents taken, WorkflowResponse response)
    {
        var state = instance.State!;
        var turn = Turn.Of(state, App.AppId, taken.Events, response, _time.GetUtcNow());
        if ((turn.Stall ?? (turn.NewGeneration is null ? _limit.OfActivities(instance.Id, turn.Events) : null)) is { } stall)
        {
            await StallAsync(instance, stall);
            return;
        }

        var changes = _store.Begin(state);
        taken.Numbers.ForEach(changes.Take);
        changes.SetCustomStatus(turn.CustomStatus);
        turn.Messages.ForEach(changes.Send);
        if (turn.NewGeneration is { } next)
        {
            var later = state.Inbox.Where(entry => !taken.Numbers.Contains(entry.Number)).ToList();
            later.ForEach(entry => changes.Take(entry.Number));
            changes.BeginGeneration();
            next.ForEach(changes.Receive);

            // Results of the run that ended are nobody's now.
            later.Where(entry => InstanceState.ResolvedBy(entry.Event) is null).ToList().ForEach(entry => changes.Receive(entry.Event));
            instance.State = await CommitAsync(instance, changes, _stop.Token);
            instance.RunningActivities.Clear();
            instance.Taken = null;
            Activate(instance);
            return;
        }

        turn.Events.ForEach(changes.Append);
        if (turn.Events.Exists(happened => happened.ExecutionCompleted is not null))
        {
            state.Inbox.ForEach(entry => changes.Take(entry.Number));
        }

        instance.State = await CommitAsync(instance, changes, _stop.Token);
        instance.Taken = null;
        foreach (var happened in turn.Events.Where(happened => instance.State.Open.ContainsKey(happened.EventId)))
        {
            if (happened.TimerCreated is not null)
            {
                Arm(instance.State, happened);
            }
            else if (happened.TaskScheduled is not null && !instance.State.IsTerminal)
            {
                StartActivity(instance, happened);
            }
        }

        Deliver(instance);
        if (IsFinished(instance.State))
        {
            _index.MarkFinished(instance.State.Sequence);
        }

        if (instance.State.IsTerminal)
        {
            WorkItems.Forget(instance.Id);
            WorkflowMetrics.Ended(App.AppId, instance.State);
            Retain(instance.State);
        }
    }

    /// <summary>Of an instance that has become too large for a turn.</summary>
    private async Task StallAsync(string id)
    {
        await using var held = await EnterAsync(id, _stop.Token);
        if (held.Instance.State is { IsTerminal: false } state && _limit.OfTurn(state) is { } why)
        {
            await StallAsync(held.Instance, why);
        }
    }

    /// <summary>Puts an instance aside that cannot go on as things are; its events stay in the inbox.</summary>
    private async Task StallAsync(Instance instance, ExecutionStalledEvent why)
    {
        var state = instance.State!;
        var known = state.Stalled;

        // The size of a payload that was too large before is no news.
        if (known is null || known.Reason != why.Reason || (known.Description != why.Description && why.Reason != StalledReason.PayloadSizeExceeded))
        {
            var changes = _store.Begin(state);
            changes.Append(new HistoryEvent { EventId = -1, Timestamp = Now, ExecutionStalled = why });
            instance.State = await CommitAsync(instance, changes, _stop.Token);
        }

        instance.Taken = null;
        instance.IsHeld = true;
        LogStalled(_log, instance.Id, App.AppId, why.Description);
        Changed(instance.Id);
    }

    private void StartActivity(Instance instance, HistoryEvent scheduled)
    {
        if (!instance.RunningActivities.Add(scheduled.EventId))
        {
            return;
        }

        var (id, generation, executionId) = (instance.Id, instance.State!.Generation, instance.State.ExecutionId);
        Run(() => RunActivityAsync(id, generation, executionId, scheduled), "activity");
    }

    private async Task RunActivityAsync(string id, long generation, string? executionId, HistoryEvent scheduled)
    {
        var task = scheduled.TaskScheduled;
        var request = PayloadLimit.Request(id, scheduled);
        Answer<ActivityResponse>? answer = null;
        if (_engines.Peer(AppOf(scheduled.Router)) is { } target)
        {
            for (var backOff = FirstBackOff; answer is null; backOff = NextBackOff(backOff))
            {
                if (!await IsWantedAsync(id, generation, executionId, scheduled.EventId))
                {
                    return;
                }

                try
                {
                    var sent = _time.GetTimestamp();
                    answer = await target.RunActivityAsync(request, _stop.Token);
                    if (answer is not null)
                    {
                        WorkflowMetrics.ActivityEnded(App.AppId, task.Name, answer.Response.FailureDetails is not null, _time.GetElapsedTime(sent));
                    }
                }
                catch (WorkflowPeerAwayException away)
                {
                    LogRetry(_log, away, $"activity '{task.Name}' of instance '{id}'", App.AppId, backOff);
                    await Task.Delay(backOff, _time, _stop.Token);
                }
            }
        }

        var response = answer?.Response ?? new ActivityResponse { FailureDetails = WorkflowErrors.NoSuchApp(AppOf(scheduled.Router)) };
        var ended = new HistoryEvent { EventId = -1, Timestamp = Now, Router = scheduled.Router };
        if (response.FailureDetails is { } failure)
        {
            ended.TaskFailed = new TaskFailedEvent { TaskScheduledId = scheduled.EventId, FailureDetails = failure, TaskExecutionId = task.TaskExecutionId };
        }
        else
        {
            ended.TaskCompleted = new TaskCompletedEvent { TaskScheduledId = scheduled.EventId, Result = response.Result, TaskExecutionId = task.TaskExecutionId };
        }

        // The result is there and must not be lost to a store that is not available for a moment.
        await RetryAsync($"result of activity '{task.Name}' of instance '{id}'", async () =>
        {
            var saved = Task.CompletedTask;
            await using (var held = await EnterAsync(id, _stop.Token))
            {
                if (held.Instance.State is { } state && state.Generation == generation && state.ExecutionId == executionId)
                {
                    saved = Receive(held.Instance, ended);
                }
            }

            await saved;
            await using (var held = await EnterAsync(id, _stop.Token))
            {
                if (held.Instance.State is { } state && state.Generation == generation && state.ExecutionId == executionId)
                {
                    held.Instance.RunningActivities.Remove(scheduled.EventId);
                }
            }
        });
        answer?.Taken.TrySetResult();
    }

    /// <summary>Whether an activity has to be sent (again).</summary>
    private async Task<bool> IsWantedAsync(string id, long generation, string? executionId, int taskId)
    {
        await using var held = await EnterAsync(id, _stop.Token);
        if (held.Instance.State is not { } state || state.Generation != generation || state.ExecutionId != executionId)
        {
            return false;
        }

        if (!state.IsTerminal)
        {
            return true;
        }

        held.Instance.RunningActivities.Remove(taskId);
        return false;
    }

    /// <summary>Passes the outbox on, in order, one message at a time.</summary>
    private void Deliver(Instance instance)
    {
        if (instance.IsSending || instance.State is not { Outbox.Count: > 0 } || _stop.IsCancellationRequested)
        {
            return;
        }

        instance.IsSending = true;
        var id = instance.Id;
        Run(async () =>
        {
            while (true)
            {
                (long Number, OutboxMessage Message) next;
                string? executionId;
                await using (var held = await EnterAsync(id, _stop.Token))
                {
                    if (held.Instance.State is not { Outbox.Count: > 0 } state)
                    {
                        held.Instance.IsSending = false;
                        if (held.Instance.State is { } done && IsFinished(done))
                        {
                            _index.MarkFinished(done.Sequence);
                        }

                        return;
                    }

                    (next, executionId) = (state.Outbox[0], state.ExecutionId);
                }

                await RetryAsync($"message of instance '{id}' to '{next.Message.InstanceId}'", () => SendAsync(id, executionId, next.Message));
                await using (var held = await EnterAsync(id, _stop.Token))
                {
                    if (held.Instance.State is { } state && state.Outbox.RemoveAll(entry => entry.Number == next.Number) > 0)
                    {
                        state.Delivered.Add(next.Number);
                    }
                }
            }
        }, "delivery");
    }

    private async Task SendAsync(string from, string? executionId, OutboxMessage message)
    {
        var target = _engines.Peer(message.AppId);
        if (message.Event.ExecutionStarted is not { } start)
        {
            if (target is null || !await target.AddEventAsync(message.InstanceId, message.Event, _stop.Token))
            {
                LogNobodyThere(_log, from, message.Event.EventTypeCase.ToString(), message.InstanceId, message.AppId);
            }

            return;
        }

        var refused = target is null ? WorkflowErrors.NoSuchApp(message.AppId)
            : await target.StartChildAsync(message.Event, _stop.Token) is { } why ? WorkflowErrors.Failure("WorkflowInstanceAlreadyExists", why)
            : null;
        if (refused is null)
        {
            return;
        }

        LogNotStarted(_log, message.InstanceId, message.AppId, from, refused.ErrorMessage);
        if (start.ParentInstance is { } parent)
        {
            await AddEventAsync(from, new HistoryEvent
            {
                EventId = -1,
                Timestamp = Now,
                ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = parent.TaskScheduledId, FailureDetails = refused },
                Router = message.Event.Router,
            }, _stop.Token);
        }
    }

    /// <summary>Whether an instance was started by this very message before.</summary>
    private static bool IsSameStart(ExecutionStartedEvent? known, ExecutionStartedEvent start) =>
        known is not null
        && (known.WorkflowInstance?.ExecutionId == start.WorkflowInstance.ExecutionId
            || (known.ParentInstance is { } parent && start.ParentInstance is { } same
                && parent.TaskScheduledId == same.TaskScheduledId
                && parent.WorkflowInstance?.InstanceId == same.WorkflowInstance.InstanceId
                && parent.WorkflowInstance?.ExecutionId == same.WorkflowInstance.ExecutionId));

    private async Task RetryAsync(string what, Func<Task> attempt)
    {
        for (var backOff = FirstBackOff; ; backOff = NextBackOff(backOff))
        {
            try
            {
                await attempt();
                return;
            }
#pragma warning disable CA1031 // Tried again until it works or the host stops; what it is about is in the store.
            catch (Exception error) when (!_stop.IsCancellationRequested)
            {
                LogRetry(_log, error, what, App.AppId, backOff);
            }
#pragma warning restore CA1031

            await Task.Delay(backOff, _time, _stop.Token);
        }
    }

    private static TimeSpan NextBackOff(TimeSpan backOff) => backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;

    private void Changed(string id)
    {
        if (_watches.TryRemove(id, out var watch))
        {
            watch.TrySetResult();
        }
    }

    private void Run(Func<Task> work, string what) => _ = Task.Run(async () =>
    {
        try
        {
            await work();
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The store has everything; the next start goes on.
        }
#pragma warning disable CA1031 // Background work has nobody else to tell.
        catch (Exception error)
        {
            LogBackgroundFailed(_log, error, what, App.AppId);
        }
#pragma warning restore CA1031
    });

    private readonly struct Held(WorkflowEngine engine, Instance instance) : IAsyncDisposable
    {
        public Instance Instance => instance;

        public ValueTask DisposeAsync()
        {
            engine.Leave(instance);
            return ValueTask.CompletedTask;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Workflows of {AppId}: {Count} unfinished instances found")]
    private static partial void LogRecovered(ILogger log, string appId, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Workflow instance {InstanceId} of {AppId} could not be read; it is tried again when it is asked for")]
    private static partial void LogNotRecovered(ILogger log, Exception error, string instanceId, string appId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of workflow instance {InstanceId} of {AppId} could not be taken over; it is sent again")]
    private static partial void LogTurnFailed(ILogger log, Exception error, string instanceId, string appId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflow instance {InstanceId} of {AppId} is stalled until another worker connects: {Description}")]
    private static partial void LogStalled(ILogger log, string instanceId, string appId, string description);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflow instance {InstanceId} sent {Event} to {TargetId} of {TargetApp}, which does not exist; dropped")]
    private static partial void LogNobodyThere(ILogger log, string instanceId, string @event, string targetId, string targetApp);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflow instance {InstanceId} of {AppId} could not be started for {ParentId}: {Problem}")]
    private static partial void LogNotStarted(ILogger log, string instanceId, string appId, string parentId, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflows of {AppId}: {What} failed, trying again in {BackOff}")]
    private static partial void LogRetry(ILogger log, Exception error, string what, string appId, TimeSpan backOff);

    [LoggerMessage(Level = LogLevel.Error, Message = "Workflows of {AppId}: {What} failed")]
    private static partial void LogBackgroundFailed(ILogger log, Exception error, string what, string appId);
}

/// <summary>What a turn took from the inbox: the numbers of the keys, and the events as they are sent.</summary>
internal sealed record TakenEvents(List<long> Numbers, List<HistoryEvent> Events);
