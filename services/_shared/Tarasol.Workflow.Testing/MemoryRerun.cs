using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Workflow.Testing;

/// <summary>The history that an ended workflow is run again with: what had ended before the chosen step, then the steps that had not, and the step itself.</summary>
internal static class MemoryRerun
{
    public static List<HistoryEvent> HistoryFor(MemoryInstance? source, RerunWorkflowFromEventRequest request, string newId, Timestamp now)
    {
        if (source is null)
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"workflow instance does not exist with ID '{request.SourceInstanceID}'"));
        }

        if (!MemoryInstance.IsTerminal(source.Status))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"'{source.Id}' is not in a terminal state"));
        }

        var at = source.History.FindIndex(happened => happened.EventId == (int)request.EventID && happened.EventId >= 0);
        if (at < 0 || !IsStep(source.History[at]))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"does not have history event with ID '{request.EventID}'"));
        }

        var before = source.History.Take(at).ToList();
        var ended = before.Select(MemoryInstance.Ended).OfType<int>().ToHashSet();
        var history = before.Where(happened => !IsStep(happened) || ended.Contains(happened.EventId)).Select(happened => happened.Clone()).ToList();
        history.AddRange(before.Where(happened => IsStep(happened) && !ended.Contains(happened.EventId)).Append(source.History[at]).Select(happened => Again(happened, request, newId, now)));
        return history;
    }

    private static bool IsStep(HistoryEvent happened) => happened.TaskScheduled is not null || happened.TimerCreated is not null || happened.ChildWorkflowInstanceCreated is not null;

    private static HistoryEvent Again(HistoryEvent step, RerunWorkflowFromEventRequest request, string newId, Timestamp now)
    {
        step = step.Clone();
        step.Timestamp = now;
        var chosen = step.EventId == (int)request.EventID;
        if (step.TaskScheduled is { } task && chosen && request.OverwriteInput)
        {
            task.Input = request.Input;
        }
        else if (step.ChildWorkflowInstanceCreated is { } child)
        {
            child.InstanceId = chosen && request.HasNewChildWorkflowInstanceID ? request.NewChildWorkflowInstanceID : $"{newId}:{step.EventId:x4}";
            child.Input = chosen && request.OverwriteInput ? request.Input : child.Input;
        }

        return step;
    }
}
