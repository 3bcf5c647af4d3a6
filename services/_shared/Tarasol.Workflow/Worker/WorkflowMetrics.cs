using System.Diagnostics;
using System.Diagnostics.Metrics;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>What this app's worker does, as the meter "Dapr.Workflow".</summary>
internal static class WorkflowMetrics
{
    private static readonly Meter Meter = new("Dapr.Workflow");
    private static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>("dapr_workflow_active", description: "Turns and activities under way in this worker");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("dapr_workflow_ended", description: "Workflow runs that ended in this worker, by name and status");
    private static readonly Counter<long> Replays = Meter.CreateCounter<long>("dapr_workflow_replays", description: "Turns that began by replaying a history");
    private static readonly Counter<long> ReplayedEvents = Meter.CreateCounter<long>("dapr_workflow_replayed_events", description: "Events of histories that turns replayed");
    private static readonly Histogram<double> StepLatency = Meter.CreateHistogram<double>("dapr_workflow_step_latency", "ms", "Time that a turn or an activity took in this worker");

    /// <summary>Counts one turn or activity while it runs, and its time at the end.</summary>
    public static Step Begin(string kind, string name)
    {
        Active.Add(1, new KeyValuePair<string, object?>("kind", kind));
        return new Step(kind, name, Stopwatch.GetTimestamp());
    }

    public static void Replayed(string name, int events)
    {
        Replays.Add(1, new KeyValuePair<string, object?>("name", name));
        ReplayedEvents.Add(events, new KeyValuePair<string, object?>("name", name));
    }

    public static void Answered(string name, WorkflowResponse response)
    {
        foreach (var action in response.Actions)
        {
            if (action.CompleteWorkflow is { } end)
            {
                Ended.Add(1, new KeyValuePair<string, object?>("name", name), new KeyValuePair<string, object?>("status", end.WorkflowStatus.ToString()));
            }
        }
    }

    internal readonly struct Step(string kind, string name, long began)
    {
        public void End(bool failed)
        {
            Active.Add(-1, new KeyValuePair<string, object?>("kind", kind));
            StepLatency.Record(Stopwatch.GetElapsedTime(began).TotalMilliseconds,
                new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("name", name), new KeyValuePair<string, object?>("failed", failed));
        }
    }
}
