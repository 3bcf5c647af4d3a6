using System.Diagnostics;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>The traces of events: each publish and each delivery is a span of its own below its cause.</summary>
internal static class Traces
{
    /// <summary>The trace of the request that publishes.</summary>
    public static TraceContext OfRequest => TraceContext.Current ?? TraceContext.New();

    /// <summary>A span below the given parent; a new trace when there is none or it is ill-formed.</summary>
    public static TraceContext ChildOf(string? traceParent, string? traceState) =>
        ActivityContext.TryParse(traceParent, null, out var parent)
            ? new($"00-{parent.TraceId}-{ActivitySpanId.CreateRandom()}-{((parent.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? "01" : "00")}", traceState)
            : TraceContext.New();
}
