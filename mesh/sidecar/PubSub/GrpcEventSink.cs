using Dapr.AppCallback.Autogen.Grpc.v1;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;

namespace Tarasol.Sidecar.PubSub;

/// <summary>OnTopicEvent of a gRPC app (wire: 6.3).</summary>
internal sealed class GrpcEventSink(GrpcAppChannel channel) : IEventSink
{
    public async Task<SinkResult> DeliverAsync(Subscription subscription, RoutedEvent routed, CancellationToken cancel)
    {
        TopicEventRequest request;
        try
        {
            request = TopicEvents.Create(subscription, routed);
        }
        catch (FormatException wrong)
        {
            return new(SinkStatus.Retry, Problem: wrong.Message);
        }
        var what = $"pub/sub event {routed.Envelope.Id}, topic {subscription.Topic}";
        try
        {
            var (response, _) = await channel.CallAsync(AppCallbacks.OnTopicEvent, request, Headers(routed), cancel);
            return Verdict(response.Status, what);
        }
        catch (RpcException failure)
        {
            return Failure(failure, what);
        }
    }

    public static SinkResult Verdict(TopicEventResponse.Types.TopicEventResponseStatus status, string what) => status switch
    {
        TopicEventResponse.Types.TopicEventResponseStatus.Success => SinkResult.Success,
        TopicEventResponse.Types.TopicEventResponseStatus.Retry => AppStatus.Of("RETRY", what),
        TopicEventResponse.Types.TopicEventResponseStatus.Drop => AppStatus.Of("DROP", what),
        var unknown => AppStatus.Of($"{(int)unknown}", what),
    };

    /// <summary>An app without the method does not want the event; all else may be tried again.</summary>
    public static SinkResult Failure(RpcException failure, string what) =>
        failure.StatusCode == StatusCode.Unimplemented ? new(SinkStatus.Drop, (int)failure.StatusCode, $"the app does not take {what}: {failure.Status.Detail}")
        : GrpcAppChannel.IsUnreachable(failure) ? new(SinkStatus.Unreachable, Problem: $"the app could not be called with {what}: {failure.Status.Detail}")
        : new(SinkStatus.Retry, (int)failure.StatusCode, $"error returned from app while processing {what}: {failure.StatusCode}, {failure.Status.Detail}");

    /// <summary>The message's metadata and the trace of this hop.</summary>
    private static Grpc.Core.Metadata Headers(RoutedEvent routed)
    {
        var headers = new Grpc.Core.Metadata();
        foreach (var (name, value) in routed.Metadata)
        {
            var key = name.ToLowerInvariant();
            if (key.Length > 0 && key.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_' or '.') && !key.EndsWith("-bin", StringComparison.Ordinal)
                && !key.StartsWith("grpc-", StringComparison.Ordinal) && key is not ("content-type" or "traceparent" or "tracestate" or "dapr-api-token") && value.All(letter => letter is >= ' ' and <= '~'))
                headers.Add(key, value);
        }
        var trace = routed.Trace ?? TraceContext.New();
        headers.Add("traceparent", trace.TraceParent);
        if (trace.TraceState is { Length: > 0 } state)
            headers.Add("tracestate", state);
        return headers;
    }
}
