using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>One work item from its making to its answer.</summary>
internal sealed class Pending
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _sent;

    public Pending(TurnRequest turn) => Turn = turn;

    public Pending(ActivityRequest activity) => Activity = activity;

    public TurnRequest? Turn { get; }

    public ActivityRequest? Activity { get; }

    public object? Result { get; private set; }

    /// <summary>A stream has it, or nobody ever will.</summary>
    public bool IsSent => Volatile.Read(ref _sent) == 1;

    /// <summary>True: answered; false: abandoned.</summary>
    public Task<bool> Done => _done.Task;

    public Task Settled => _settled.Task;

    /// <summary>Ends when the answer has been taken over.</summary>
    public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool TrySend() => Interlocked.CompareExchange(ref _sent, 1, 0) == 0 && !_done.Task.IsCompleted;

    public async Task AnswerAsync(object response)
    {
        lock (_done)
        {
            if (!_done.Task.IsCompleted)
            {
                Result = response;
                _done.TrySetResult(true);
            }
        }

        await Taken.Task;
    }

    public void Abandon()
    {
        lock (_done)
        {
            if (_done.TrySetResult(false))
            {
                Taken.TrySetResult();
            }
        }
    }

    /// <summary>Gives it up, if no stream has it.</summary>
    public void Drop()
    {
        if (Interlocked.CompareExchange(ref _sent, 1, 0) == 0)
        {
            Abandon();
        }
    }

    public void Settle() => _settled.TrySetResult();
}
