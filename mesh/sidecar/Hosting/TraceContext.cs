using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Tarasol.Sidecar.Hosting;

/// <summary>The W3C trace that a request belongs to: the caller's, or a new one.</summary>
/// <param name="TraceParent">traceparent of this hop.</param>
/// <param name="TraceState">tracestate as received; null when there was none.</param>
/// <param name="Baggage">baggage as received; null when there was none.</param>
internal sealed partial record TraceContext(string TraceParent, string? TraceState = null, string? Baggage = null)
{
    /// <summary>The trace of a gRPC call in OpenCensus' binary form.</summary>
    public const string BinaryHeader = "grpc-trace-bin";

    private const int BinaryLength = 29;

    private static readonly AsyncLocal<TraceContext?> Ambient = new();

    /// <summary>The caller's own trace, not one that begins here.</summary>
    public bool IsCallers { get; private init; }

    /// <summary>The trace of the request being served; null outside of one.</summary>
    public static TraceContext? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Continues the caller's trace with a span of our own, or starts a sampled one. The binary form comes first where both are there, as in daprd.</summary>
    public static TraceContext Accept(IHeaderDictionary headers)
    {
        if (FromBinary(headers[BinaryHeader]) is { } binary)
            (headers.TraceParent, headers.TraceState) = (binary, default);
        var parent = headers.TraceParent.Count == 1 ? headers.TraceParent[0] : null;
        var baggage = headers.Baggage.Count == 0 ? null : headers.Baggage.ToString();
        return parent is not null && W3C().Match(parent) is { Success: true } match && !match.Groups[1].ValueSpan.TrimStart('0').IsEmpty
            ? new TraceContext($"00-{match.Groups[1].Value}-{ActivitySpanId.CreateRandom()}-{match.Groups[2].Value}", headers.TraceState.Count == 0 ? null : headers.TraceState.ToString(), baggage) { IsCallers = true }
            : New() with { Baggage = baggage };
    }

    public static TraceContext New() => new($"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01");

    /// <summary>For <see cref="BinaryHeader"/>; null when it is no traceparent.</summary>
    public static byte[]? ToBinary(string? traceParent) => traceParent is not null && W3C().IsMatch(traceParent)
        ? [0, 0, .. Convert.FromHexString(traceParent.AsSpan(3, 32)), 1, .. Convert.FromHexString(traceParent.AsSpan(36, 16)), 2, .. Convert.FromHexString(traceParent.AsSpan(53, 2))]
        : null;

    /// <summary>What gRPC clients of OpenCensus send: version 0 and three numbered fields, trace id (0), span id (1) and flags (2). Null when it is not that.</summary>
    private static string? FromBinary(string? base64)
    {
        Span<byte> bytes = stackalloc byte[BinaryLength + 2];
        // gRPC leaves the padding out.
        return base64 is { Length: 39 or 40 } && Convert.TryFromBase64String(base64.PadRight(40, '='), bytes, out var length) && length == BinaryLength && bytes is [0, 0, ..] && bytes[18] == 1 && bytes[27] == 2
            ? $"00-{Convert.ToHexStringLower(bytes[2..18])}-{Convert.ToHexStringLower(bytes[19..27])}-{Convert.ToHexStringLower(bytes[28..29])}"
            : null;
    }

    [GeneratedRegex("^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$")]
    private static partial Regex W3C();
}
