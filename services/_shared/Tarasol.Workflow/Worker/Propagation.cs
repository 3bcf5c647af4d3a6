using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>Reads the history that a caller passed on.</summary>
internal static class Propagation
{
    public static PropagatedHistory? Read(Tarasol.Workflow.Protocol.PropagatedHistory? propagated) =>
        propagated is null || propagated.Chunks.Count == 0 ? null : new PropagatedHistory([.. propagated.Chunks.Select(Read)]);

    private static PropagatedHistoryEvent Read(PropagatedHistoryChunk chunk)
    {
        var events = chunk.RawEvents.Select(HistoryEvent.Parser.ParseFrom).ToList();
        var ends = new Dictionary<int, HistoryEvent>();
        foreach (var happened in events)
        {
            var id = happened.EventTypeCase switch
            {
                HistoryEvent.EventTypeOneofCase.TaskCompleted => happened.TaskCompleted.TaskScheduledId,
                HistoryEvent.EventTypeOneofCase.TaskFailed => happened.TaskFailed.TaskScheduledId,
                HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => happened.ChildWorkflowInstanceCompleted.TaskScheduledId,
                HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => happened.ChildWorkflowInstanceFailed.TaskScheduledId,
                _ => (int?)null,
            };
            if (id is { } ended)
            {
                ends.TryAdd(ended, happened);
            }
        }

        var activities = events.Where(e => e.TaskScheduled is not null).Select(e => (e.TaskScheduled, End: ends.GetValueOrDefault(e.EventId))).Select(step =>
            new PropagatedHistoryActivityResult(
                step.TaskScheduled.Name, Status(step.End), step.TaskScheduled.Input, step.End?.TaskCompleted?.Result, step.End?.TaskFailed?.FailureDetails?.ToDetails()));
        var children = events.Where(e => e.ChildWorkflowInstanceCreated is not null).Select(e => (e.ChildWorkflowInstanceCreated, End: ends.GetValueOrDefault(e.EventId))).Select(step =>
            new PropagatedHistoryWorkflowResult(
                step.ChildWorkflowInstanceCreated.Name, Status(step.End), step.End?.ChildWorkflowInstanceCompleted?.Result, step.End?.ChildWorkflowInstanceFailed?.FailureDetails?.ToDetails()));
        return new PropagatedHistoryEvent(chunk.InstanceId, chunk.AppId, chunk.WorkflowName, [.. activities], [.. children]);
    }

    private static PropagatedHistoryStatus Status(HistoryEvent? end) => end switch
    {
        null => PropagatedHistoryStatus.Pending,
        { TaskCompleted: not null } or { ChildWorkflowInstanceCompleted: not null } => PropagatedHistoryStatus.Completed,
        _ => PropagatedHistoryStatus.Failed,
    };
}
