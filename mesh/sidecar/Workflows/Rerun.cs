using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// The history that an ended workflow is run again with: everything that had ended before the chosen step, then the steps that had not, and the step itself,
/// which are done anew. A step that had ended stands right before its end, as daprd orders it.
/// </summary>
internal static class Rerun
{
    /// <summary>Throws <see cref="RpcException"/> NotFound or InvalidArgument in daprd's words.</summary>
    public static IReadOnlyList<HistoryEvent> HistoryFor(InstanceState? source, RerunWorkflowFromEventRequest request, string newId)
    {
        if (source is null)
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"workflow instance does not exist with ID '{request.SourceInstanceID}'"));
        }

        if (!source.IsTerminal)
        {
            throw Invalid($"'{source.Id}' is not in a terminal state");
        }

        if (source.Started?.ExecutionStarted.ParentInstance is not null)
        {
            throw Invalid($"'{source.Id}': cannot rerun from child-workflows");
        }

        var at = source.History.FindIndex(happened => happened.EventId == (int)request.EventID);
        if (at < 0)
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"does not have history event with ID '{request.EventID}'"));
        }

        var history = new List<HistoryEvent>();
        var open = new SortedDictionary<int, HistoryEvent>();
        foreach (var happened in source.History.Take(at).Select(happened => happened.Clone()))
        {
            if (happened.TaskScheduled is not null || happened.TimerCreated is not null || happened.ChildWorkflowInstanceCreated is not null)
            {
                open[happened.EventId] = happened;
                continue;
            }

            if (InstanceState.ResolvedBy(happened) is { } ended && open.Remove(ended, out var scheduled))
            {
                history.Add(scheduled);
            }

            history.Add(happened);
        }

        var now = EventClock.Next();
        foreach (var again in open.Values)
        {
            if (again.ChildWorkflowInstanceCreated is { } child)
            {
                child.InstanceId = ChildId(newId, again);
            }

            again.Timestamp = now;
            history.Add(again);
        }

        history.Add(Step(source.History[at].Clone(), request, source.Id, newId, now));
        return history;
    }

    private static HistoryEvent Step(HistoryEvent step, RerunWorkflowFromEventRequest request, string sourceId, string newId, Timestamp now)
    {
        var from = new RerunParentInstanceInfo { InstanceID = sourceId };
        step.Timestamp = now;
        switch (step.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.TaskScheduled:
                RefuseChildId("activity");
                step.TaskScheduled.RerunParentInstanceInfo = from;
                step.TaskScheduled.Input = request.OverwriteInput ? request.Input : step.TaskScheduled.Input;
                return step;
            case HistoryEvent.EventTypeOneofCase.TimerCreated:
                if (request.OverwriteInput)
                {
                    throw Invalid($"cannot write input to timer event '{request.EventID}'");
                }

                RefuseChildId("timer");
                step.TimerCreated.RerunParentInstanceInfo = from;
                return step;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
                step.ChildWorkflowInstanceCreated.RerunParentInstanceInfo = from;
                step.ChildWorkflowInstanceCreated.InstanceId = request.HasNewChildWorkflowInstanceID ? request.NewChildWorkflowInstanceID : ChildId(newId, step);
                step.ChildWorkflowInstanceCreated.Input = request.OverwriteInput ? request.Input : step.ChildWorkflowInstanceCreated.Input;
                return step;
            case HistoryEvent.EventTypeOneofCase.DetachedWorkflowInstanceCreated:
                throw Invalid(
                    $"event '{request.EventID}' is a detached workflow spawn and cannot be rerun: detached spawns are fire-and-forget and have no replayable continuation in the caller");
            default:
                throw new RpcException(new Status(
                    StatusCode.NotFound, $"target event '*protos.HistoryEvent_{step.EventTypeCase}' with ID '{request.EventID}' is not an event that can be rerun"));
        }

        void RefuseChildId(string kind)
        {
            if (request.HasNewChildWorkflowInstanceID)
            {
                throw Invalid($"cannot set new child workflow instance ID on {kind} event '{request.EventID}'");
            }
        }
    }

    private static string ChildId(string newId, HistoryEvent created) => $"{newId}:{created.EventId:x4}";

    private static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));
}
