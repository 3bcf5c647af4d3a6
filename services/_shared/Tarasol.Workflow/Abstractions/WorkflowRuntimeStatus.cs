namespace Dapr.Workflow;

/// <summary>Where an instance stands; the numbers are Dapr's.</summary>
public enum WorkflowRuntimeStatus
{
    /// <summary>No such instance.</summary>
    Unknown = -1,

    /// <summary>Runs or waits for something.</summary>
    Running = 0,

    /// <summary>Ended with an output.</summary>
    Completed = 1,

    /// <summary>Between two runs of itself.</summary>
    ContinuedAsNew = 2,

    /// <summary>Ended with an error.</summary>
    Failed = 3,

    /// <summary>Ended by cancellation.</summary>
    Canceled = 4,

    /// <summary>Ended by a client's wish.</summary>
    Terminated = 5,

    /// <summary>Accepted and not begun.</summary>
    Pending = 6,

    /// <summary>Held by a client's wish.</summary>
    Suspended = 7,

    /// <summary>Held because the code that is there cannot go on with it.</summary>
    Stalled = 8,
}
