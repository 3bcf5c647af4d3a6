using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// What a worker can be sent: messages of at most 95 % of --max-body-size, as with daprd. An instance that has grown beyond it is stalled, with its events kept, until a
/// host with a larger limit goes on with it.
/// </summary>
/// <param name="MaxBodySize">Bytes; without a limit when not positive.</param>
internal sealed record PayloadLimit(long MaxBodySize)
{
    private const int Percent = 95;
    private const string Advice = "increase daprd --max-body-size and restart to resume";

    private long Largest => MaxBodySize * Percent / 100;

    /// <summary>Why the next turn of this instance cannot be sent; null when it can.</summary>
    public ExecutionStalledEvent? OfTurn(InstanceState state)
    {
        if (MaxBodySize <= 0)
        {
            return null;
        }

        var size = state.HistoryBytes + state.Inbox.Sum(entry => (long)entry.Event.CalculateSize());
        return size <= Largest ? null : Stalled($"Workflow payload size {size} bytes exceeds {Percent}% of max gRPC body size {MaxBodySize} bytes; {Advice}");
    }

    /// <summary>Why an activity that a turn schedules cannot be sent; null when all can.</summary>
    public ExecutionStalledEvent? OfActivities(string instanceId, IEnumerable<HistoryEvent> events)
    {
        if (MaxBodySize <= 0)
        {
            return null;
        }

        foreach (var scheduled in events.Where(happened => happened.TaskScheduled is not null))
        {
            var size = Request(instanceId, scheduled).CalculateSize();
            if (size > Largest)
            {
                return Stalled($"activity '{scheduled.TaskScheduled.Name}::{scheduled.EventId}' payload {size} bytes exceeds {Percent}% of max gRPC body size {MaxBodySize} bytes; {Advice}");
            }
        }

        return null;
    }

    /// <summary>A scheduled activity as a worker is sent it.</summary>
    public static ActivityRequest Request(string instanceId, HistoryEvent scheduled) => new()
    {
        Name = scheduled.TaskScheduled.Name,
        Version = scheduled.TaskScheduled.Version,
        Input = scheduled.TaskScheduled.Input,
        WorkflowInstance = new WorkflowInstance { InstanceId = instanceId },
        TaskId = scheduled.EventId,
        ParentTraceContext = scheduled.TaskScheduled.ParentTraceContext,
        TaskExecutionId = scheduled.TaskScheduled.TaskExecutionId,
    };

    private static ExecutionStalledEvent Stalled(string why) => new() { Reason = StalledReason.PayloadSizeExceeded, Description = why };
}
