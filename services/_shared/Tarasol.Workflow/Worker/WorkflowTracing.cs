using System.Diagnostics;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>Continues the trace that the sidecar hands over, so that calls made inside belong to it.</summary>
internal static class WorkflowTracing
{
    private static readonly ActivitySource Source = new("Dapr.Workflow");

    public static Activity? Start(string name, TraceContext? parent)
    {
        if (parent is null || !ActivityContext.TryParse(parent.TraceParent, parent.TraceState, isRemote: true, out var context))
        {
            return Source.StartActivity(name);
        }

        // Without a listener the source gives none; the trace must go on all the same.
        return Source.StartActivity(name, ActivityKind.Internal, context)
            ?? new Activity(name) { TraceStateString = context.TraceState }.SetParentId(context.TraceId, context.SpanId, context.TraceFlags).Start();
    }

    public static TraceContext? Current() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current ? new TraceContext { TraceParent = id, TraceState = current.TraceStateString } : null;
}
