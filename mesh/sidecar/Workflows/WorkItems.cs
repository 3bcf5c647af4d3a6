using System.Collections.Concurrent;
using Grpc.Core;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// Work items on their way to one app's workers, and what is out at a worker. A turn goes to the stream that had the instance's last one, if it can: a worker that keeps
/// instances gets the rest of the history only. When a stream ends, what it had and did not answer comes back to the caller, who sends it again.
/// </summary>
internal sealed class WorkItems(WorkflowSection limits)
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Pending> _turns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Instance, int Task), Pending> _activities = new();
    private readonly Slots _turnSlots = new(limits.MaxTurns, limits.MaxTurnsOf);
    private readonly Slots _activitySlots = new(limits.MaxActivities, limits.MaxActivitiesOf);
    private readonly Lock _gate = new();
    private readonly List<WorkerStream> _streams = [];
    private readonly Queue<Pending> _waiting = [];
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Open streams.</summary>
    public int Workers
    {
        get
        {
            lock (_gate)
            {
                return _streams.Count;
            }
        }
    }

    /// <summary>Done while at least one worker is connected.</summary>
    public Task Connected
    {
        get
        {
            lock (_gate)
            {
                return _connected.Task;
            }
        }
    }

    /// <summary>Has a turn worked on. Null: its worker went away, send it again.</summary>
    public async Task<Answer<WorkflowResponse>?> RunTurnAsync(TurnRequest request, CancellationToken cancel)
    {
        using var slot = await _turnSlots.TakeAsync(request.WorkflowName, cancel);
        return await RunAsync(_turns, request.InstanceId, new Pending(request), cancel) is { } done ? new((WorkflowResponse)done.Result!, done.Taken) : null;
    }

    /// <summary>Has an activity run. Null: its worker went away, send it again.</summary>
    public async Task<Answer<ActivityResponse>?> RunActivityAsync(ActivityRequest request, CancellationToken cancel)
    {
        using var slot = await _activitySlots.TakeAsync(request.Name, cancel);
        return await RunAsync(_activities, (request.WorkflowInstance.InstanceId, request.TaskId), new Pending(request), cancel) is { } done
            ? new((ActivityResponse)done.Result!, done.Taken)
            : null;
    }

    /// <summary>A worker answers a turn; returns when the answer is committed.</summary>
    public Task CompleteTurnAsync(WorkflowResponse response) =>
        _turns.TryGetValue(response.InstanceId, out var pending)
            ? pending.AnswerAsync(response)
            : throw new RpcException(new Status(StatusCode.Unknown, $"unknown instance ID: {response.InstanceId}"));

    /// <summary>A worker answers an activity; returns when the answer is committed.</summary>
    public Task CompleteActivityAsync(ActivityResponse response) =>
        _activities.TryGetValue((response.InstanceId, response.TaskId), out var pending)
            ? pending.AnswerAsync(response)
            : throw new RpcException(new Status(StatusCode.Unknown, $"unknown instance ID/task ID combo: {response.InstanceId}/{response.TaskId}"));

    /// <summary>An instance has ended: drops its activities that no worker has got yet, whose results nobody wants any more.</summary>
    public void Forget(string instanceId)
    {
        foreach (var pending in _activities.Where(item => item.Key.Instance == instanceId).Select(item => item.Value))
        {
            pending.Drop();
        }

        lock (_gate)
        {
            _streams.ForEach(stream => stream.Forget(instanceId));
        }
    }

    /// <summary>Serves one stream until it ends or the host stops.</summary>
    /// <param name="keepsHistory">The worker keeps the histories that it was sent.</param>
    /// <param name="send">Writes to the stream.</param>
    /// <param name="onOpen">Called when the stream is open.</param>
    /// <param name="cancel">The stream's end.</param>
    public async Task ServeAsync(bool keepsHistory, Func<WorkItem, CancellationToken, Task> send, Action onOpen, CancellationToken cancel)
    {
        var stream = new WorkerStream(keepsHistory);
        lock (_gate)
        {
            _streams.Add(stream);
            _connected.TrySetResult();
            while (_waiting.TryDequeue(out var pending))
            {
                stream.Queue(pending);
            }
        }

        try
        {
            onOpen();
            await foreach (var pending in stream.ReadAllAsync(cancel))
            {
                if (!pending.TrySend())
                {
                    continue;
                }

                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                limit.CancelAfter(SendTimeout);
                await send(stream.Item(pending), limit.Token);
            }
        }
        finally
        {
            IReadOnlyList<Pending> left;
            lock (_gate)
            {
                _streams.Remove(stream);
                left = stream.Close();
                if (_streams.Count == 0)
                {
                    _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            foreach (var pending in left)
            {
                if (pending.IsSent)
                {
                    pending.Abandon();
                }
                else
                {
                    Dispatch(pending);
                }
            }
        }
    }

    /// <summary>To the stream that knows the instance, else to the one with the least to do.</summary>
    private void Dispatch(Pending pending)
    {
        lock (_gate)
        {
            var stream = pending.Turn is { } turn ? _streams.Find(each => each.Knows(turn.InstanceId)) : null;
            stream ??= _streams.MinBy(each => each.Load);
            if (stream is null)
            {
                _waiting.Enqueue(pending);
            }
            else
            {
                stream.Queue(pending);
            }
        }
    }

    private async Task<Pending?> RunAsync<TKey>(ConcurrentDictionary<TKey, Pending> items, TKey key, Pending pending, CancellationToken cancel)
        where TKey : notnull
    {
        while (!items.TryAdd(key, pending))
        {
            // Two apps can have instances of the same id, and an answer names nothing else.
            if (items.TryGetValue(key, out var other))
            {
                await other.Settled.WaitAsync(cancel);
                await Task.Yield();
            }
        }

        try
        {
            Dispatch(pending);
            return await pending.Done.WaitAsync(cancel) ? pending : null;
        }
        catch (OperationCanceledException)
        {
            pending.Taken.TrySetException(new RpcException(new Status(StatusCode.Unavailable, "shutting down")));
            throw;
        }
        finally
        {
            pending.Drop();
            items.TryRemove(new KeyValuePair<TKey, Pending>(key, pending));
            pending.Settle();
        }
    }
}

/// <summary>A turn that is to be sent: the committed history and what is new.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="WorkflowName">Name that it was started by.</param>
/// <param name="Run">Tells the runs of an instance apart.</param>
/// <param name="History">What is committed; only grows while the turn is out.</param>
/// <param name="NewEvents">What the turn takes from the inbox.</param>
internal sealed record TurnRequest(string InstanceId, string WorkflowName, string Run, IReadOnlyList<HistoryEvent> History, IReadOnlyList<HistoryEvent> NewEvents)
{
    /// <summary>How much of the history belongs to this turn.</summary>
    public int Past { get; } = History.Count;
}

/// <summary>What a worker answered. The worker waits until it is said to be taken over, or refused.</summary>
internal sealed record Answer<T>(T Response, TaskCompletionSource Taken);
