using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Tarasol.Sidecar.Hosting;

/// <summary>The W3C trace that a request belongs to: the caller's, or a new one.</summary>
/// <param name="TraceParent">traceparent of this hop.</param>
/// <param name="TraceState">tracestate as received; null when there was none.</param>
/// <param name="Baggage">baggage as received; null when there was none.</param>
internal sealed partial record TraceContext(string TraceParent, string? TraceState = null, string? Baggage = null)
{
    private static readonly AsyncLocal<TraceContext?> Ambient = new();

    /// <summary>The caller's own trace, not one that begins here.</summary>
    public bool IsCallers { get; private init; }

    /// <summary>The trace of the request being served; null outside of one.</summary>
    public static TraceContext? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Continues the caller's trace with a span of our own, or starts a sampled one.</summary>
    public static TraceContext Accept(IHeaderDictionary headers)
    {
        var parent = headers.TraceParent.Count == 1 ? headers.TraceParent[0] : null;
        var baggage = headers.Baggage.Count == 0 ? null : headers.Baggage.ToString();
        return parent is not null && W3C().Match(parent) is { Success: true } match && !match.Groups[1].ValueSpan.TrimStart('0').IsEmpty
            ? new TraceContext($"00-{match.Groups[1].Value}-{ActivitySpanId.CreateRandom()}-{match.Groups[2].Value}", headers.TraceState.Count == 0 ? null : headers.TraceState.ToString(), baggage) { IsCallers = true }
            : New() with { Baggage = baggage };
    }

    public static TraceContext New() => new($"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01");

    [GeneratedRegex("^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$")]
    private static partial Regex W3C();
}
