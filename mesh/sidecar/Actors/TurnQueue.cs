namespace Tarasol.Sidecar.Actors;

/// <summary>
/// One actor's turns: one call at a time, first come, first served. With reentrancy, calls of one chain (same Dapr-Reentrancy-Id) share a turn, up to a depth.
/// </summary>
/// <param name="maxDepth">0: no reentrancy.</param>
internal sealed class TurnQueue(int maxDepth)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Turn> _turns = [];
    private Exception? _closed;
    private TaskCompletionSource? _idle;

    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _turns.Count == 0;
        }
    }

    /// <summary>Completes when the last turn is over.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
            return _turns.Count == 0 ? Task.CompletedTask : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Takes the next place, at once and without waiting; <see cref="Turn.Started"/> says when the turn comes.</summary>
    /// <param name="chain">The reentrancy id; null: of no chain.</param>
    /// <exception cref="StackTooDeepException">The chain is as deep as it may be.</exception>
    public Turn Enter(string? chain)
    {
        lock (_gate)
        {
            if (maxDepth > 0 && chain is not null && _turns.FirstOrDefault(turn => turn.Chain == chain) is { } same)
            {
                if (same.Depth >= maxDepth)
                    throw new StackTooDeepException();
                same.Depth++;
                return same;
            }
            var turn = new Turn(chain);
            _turns.AddLast(turn);
            if (_closed is not null)
                turn.Fail(_closed);
            else if (_turns.Count == 1)
                turn.Start();
            return turn;
        }
    }

    /// <summary>The call is over, or gave up waiting.</summary>
    public void Leave(Turn turn)
    {
        lock (_gate)
        {
            if (--turn.Depth > 0)
                return;
            var wasFirst = _turns.First?.Value == turn;
            _turns.Remove(turn);
            if (wasFirst && _closed is null)
                _turns.First?.Value.Start();
            if (_turns.Count > 0)
                return;
            _idle?.TrySetResult();
            _idle = null;
        }
    }

    /// <summary>Those who wait, and those who come, fail with this; the one whose turn it is goes on.</summary>
    public void Close(Exception reason)
    {
        lock (_gate)
        {
            _closed = reason;
            foreach (var turn in _turns)
                turn.Fail(reason);
        }
    }
}

internal sealed class Turn(string? chain)
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Chain { get; } = chain;

    public int Depth { get; set; } = 1;

    public Task Started => _started.Task;

    public void Start() => _started.TrySetResult();

    public void Fail(Exception reason)
    {
        if (_started.TrySetException(reason))
            _ = _started.Task.Exception; // Nobody may be waiting any more.
    }
}

internal sealed class StackTooDeepException() : Exception("maximum stack depth exceeded");
