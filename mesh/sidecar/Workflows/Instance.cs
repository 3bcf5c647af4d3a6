namespace Tarasol.Sidecar.Workflows;

/// <summary>An instance in memory. All members are touched only by whoever holds the gate.</summary>
internal sealed class Instance(string id)
{
    public string Id => id;

    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>Null: there is none of this id.</summary>
    public InstanceState? State { get; set; }

    public bool IsLoaded { get; set; }

    /// <summary>No longer the engine's instance of this id: look it up again.</summary>
    public bool IsGone { get; set; }

    /// <summary>A turn is at a worker, or about to be.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Messages are being delivered.</summary>
    public bool IsSending { get; set; }

    /// <summary>Stalled; waits for other workers.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Activities at a worker or in the queue, by their id.</summary>
    public HashSet<int> RunningActivities { get; } = [];

    /// <summary>Set while the inbox has events that are not in the store: done when they are, in the next commit.</summary>
    public TaskCompletionSource? Saving { get; set; }

    /// <summary>The events that the current turn has taken, with the inbox numbers; kept for sending the same turn again.</summary>
    public TakenEvents? Taken { get; set; }
}
