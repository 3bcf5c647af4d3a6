using System.Text.Json;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>One event on its way to the app.</summary>
/// <param name="Envelope">As read; what routing and gRPC see.</param>
/// <param name="Body">What an HTTP app gets: the stored bytes, or the new envelope of a raw subscription.</param>
/// <param name="Path">Route of the app.</param>
/// <param name="Metadata">Message metadata, delivered as headers.</param>
internal sealed record RoutedEvent(CloudEventEnvelope Envelope, ReadOnlyMemory<byte> Body, string Path, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>A routing rule matched. (A gRPC app may have a rule without a path.)</summary>
    public bool Matched { get; init; } = true;

    /// <summary>The trace of this delivery: that of its exported span, else one below the event's. Null: the event belongs to none.</summary>
    public TraceContext? Trace => Span ?? ((Envelope.Text("traceparent") ?? Envelope.Text("traceid")) is { } parent ? Traces.ChildOf(parent, Envelope.Text("tracestate")) : null);

    /// <summary>The span of this delivery, when it is exported.</summary>
    public TraceContext? Span { get; init; }
}

/// <summary>What became of an event in the app.</summary>
/// <param name="Status">The verdict.</param>
/// <param name="StatusCode">HTTP or gRPC status of a failure, for retry matching.</param>
/// <param name="Problem">For the log.</param>
internal readonly record struct SinkResult(SinkStatus Status, int? StatusCode = null, string? Problem = null)
{
    public static readonly SinkResult Success = new(SinkStatus.Success);
}

internal enum SinkStatus
{
    Success,

    /// <summary>Failed, may be tried again.</summary>
    Retry,

    /// <summary>The app does not want it: dead letter or nothing.</summary>
    Drop,

    /// <summary>Nobody is there.</summary>
    Unreachable,
}

/// <summary>Where a subscription's events go: the app's HTTP channel or a stream that a client holds open.</summary>
internal interface IEventSink
{
    Task<SinkResult> DeliverAsync(Subscription subscription, RoutedEvent routed, CancellationToken cancel);
}

/// <summary>Reading <c>{"status":"..."}</c> as Go does: the first JSON value, keys in any case; anything unreadable is success.</summary>
internal static class AppStatus
{
    public static SinkResult Of(string? status, string what) => status switch
    {
        null or "" or "SUCCESS" => SinkResult.Success,
        "RETRY" => new(SinkStatus.Retry, Problem: $"RETRY status returned from app while processing {what}"),
        "DROP" => new(SinkStatus.Drop, Problem: $"DROP status returned from app while processing {what}"),
        _ => new(SinkStatus.Retry, Problem: $"unknown status returned from app while processing {what}: {status}"),
    };

    /// <summary>Null when there is no readable status.</summary>
    public static string? Read(ReadOnlyMemory<byte> body) =>
        CloudEventEnvelope.FirstValue(body) is { ValueKind: JsonValueKind.Object } answer && answer.Member("status") is { ValueKind: JsonValueKind.String } status
            ? status.GetString() : null;
}
