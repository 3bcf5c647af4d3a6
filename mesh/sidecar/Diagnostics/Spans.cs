using System.Diagnostics;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Diagnostics;

/// <summary>Begins the spans that are exported; null where they are not, and then only their ids are passed on.</summary>
internal static class Spans
{
    /// <summary>A span below <paramref name="parent"/>, never below what happens to be the current activity of this process.</summary>
    public static Activity? Start(this AppRuntime app, string name, ActivityKind kind, string? parent, string? state)
    {
        if (app.Spans is not { } source)
            return null;
        var current = Activity.Current;
        Activity.Current = null;
        var span = source.StartActivity(name, kind, ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : default);
        if (span is null)
            Activity.Current = current;
        return span;
    }

    /// <summary>The context of a span that is exported, else <paramref name="otherwise"/>.</summary>
    public static TraceContext Context(this Activity? span, TraceContext otherwise) => span?.Id is { } id ? otherwise with { TraceParent = id } : otherwise;
}
