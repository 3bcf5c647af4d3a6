using System.Diagnostics.Metrics;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>Workflows of this host as the meter "Tarasol.Sidecar.Workflows", with daprd's names where daprd has the same figure.</summary>
internal static class WorkflowMetrics
{
    private static readonly Meter Meter = new("Tarasol.Sidecar.Workflows");
    private static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>("dapr_runtime_workflow_active", description: "Instances that have not ended");
    private static readonly Counter<long> Executions = Meter.CreateCounter<long>("dapr_runtime_workflow_execution_count", description: "Instances that ended, by name and status");
    private static readonly Histogram<double> ExecutionLatency = Meter.CreateHistogram<double>("dapr_runtime_workflow_execution_latency", "ms", "From an instance's start to its end");
    private static readonly Counter<long> Activities = Meter.CreateCounter<long>("dapr_runtime_workflow_activity_execution_count", description: "Activities that ended, by name and status");
    private static readonly Histogram<double> ActivityLatency =
        Meter.CreateHistogram<double>("dapr_runtime_workflow_activity_execution_latency", "ms", "From the sending of an activity to its result");

    public static void Began(string appId, long count = 1) => Active.Add(count, App(appId));

    public static void Ended(string appId, InstanceState state)
    {
        Active.Add(-1, App(appId));
        var tags = Tags(appId, "workflow_name", state.Started?.ExecutionStarted.Name ?? "", state.Status == OrchestrationStatus.Completed ? "success" : "failed");
        Executions.Add(1, tags);
        if (state.Started is { } started && state.Completed is { } completed)
        {
            ExecutionLatency.Record((completed.Timestamp.ToDateTime() - started.Timestamp.ToDateTime()).TotalMilliseconds, tags);
        }
    }

    /// <summary>One that had not ended was purged.</summary>
    public static void Vanished(string appId) => Active.Add(-1, App(appId));

    public static void ActivityEnded(string appId, string name, bool failed, TimeSpan took)
    {
        var tags = Tags(appId, "activity_name", name, failed ? "failed" : "success");
        Activities.Add(1, tags);
        ActivityLatency.Record(took.TotalMilliseconds, tags);
    }

    private static KeyValuePair<string, object?> App(string appId) => new("app_id", appId);

    private static KeyValuePair<string, object?>[] Tags(string appId, string kind, string name, string status) => [App(appId), new(kind, name), new("status", status)];
}
