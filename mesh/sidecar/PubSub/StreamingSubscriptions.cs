using System.Collections.Concurrent;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>SubscribeTopicEventsAlpha1: the client opens the stream, events flow down, verdicts flow up (wire: 6.2).</summary>
internal static class StreamingSubscriptions
{
    public static void Bind(DaprMethods methods) =>
        methods.Duplex<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1>("SubscribeTopicEventsAlpha1", ServeAsync);

    private static async Task ServeAsync(
        AppRuntime app, IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> answers, ServerCallContext call)
    {
        if (!await requests.MoveNext(call.CancellationToken) || requests.Current.InitialRequest is not { } initial)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "initial request is required"));
        }
        if (initial.PubsubName.Length == 0 || initial.Topic.Length == 0)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, initial.PubsubName.Length == 0 ? "pubsubName is required" : "topic is required"));
        }
        var subscription = new Subscription(
            initial.PubsubName, initial.Topic, new Dictionary<string, string>(initial.Metadata), [new RoutingRule(null, "/")],
            initial.DeadLetterTopic is { Length: > 0 } dead ? dead : null, null, SubscriptionSource.Streaming);
        if (Publisher.IsRawPayload(subscription.Metadata, out var problem) is null)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, problem));
        }
        var services = call.GetHttpContext().RequestServices;
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, stopping);
        using var sink = new StreamSink(answers, closing.Token);
        IAsyncDisposable running;
        using (await sink.HoldAsync())
        {
            // No event may overtake the answer to the initial request.
            running = await services.GetRequiredService<AppSubscriptions>().StartStreamAsync(app, subscription, sink, closing.Token);
            await answers.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { InitialResponse = new SubscribeTopicEventsResponseInitialAlpha1() }, closing.Token);
        }
        try
        {
            while (await requests.MoveNext(closing.Token))
            {
                if (requests.Current.EventProcessed is not { } processed)
                {
                    throw new RpcException(new Status(StatusCode.InvalidArgument, "duplicate initial request received"));
                }
                sink.Processed(processed);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && closing.IsCancellationRequested)
        {
            if (stopping.IsCancellationRequested)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the sidecar is shutting down"));
            }
        }
        finally
        {
            await closing.CancelAsync();
            await running.DisposeAsync();
        }
    }

    private sealed class StreamSink(IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> answers, CancellationToken closed) : IEventSink, IDisposable
    {
        private readonly SemaphoreSlim writing = new(1);
        private readonly ConcurrentDictionary<string, TaskCompletionSource<SubscribeTopicEventsRequestProcessedAlpha1>> pending = new();

        public void Dispose() => writing.Dispose();

        public async Task<IDisposable> HoldAsync()
        {
            await writing.WaitAsync(closed);
            return new Hold(writing);
        }

        public void Processed(SubscribeTopicEventsRequestProcessedAlpha1 processed)
        {
            if (pending.TryRemove(processed.Id, out var waiting))
            {
                waiting.TrySetResult(processed);
            }
        }

        public async Task<SinkResult> DeliverAsync(Subscription subscription, RoutedEvent routed, CancellationToken cancel)
        {
            TopicEventRequest request;
            try
            {
                request = TopicEvents.Create(subscription, routed);
            }
            catch (FormatException e)
            {
                return new SinkResult(SinkStatus.Retry, Problem: e.Message);
            }
            var verdict = new TaskCompletionSource<SubscribeTopicEventsRequestProcessedAlpha1>(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                // Verdicts name the event by its id: of two with the same id the second waits its turn.
                while (pending.GetOrAdd(request.Id, verdict) is var other && other != verdict)
                {
                    await other.Task.WaitAsync(closed).WaitAsync(cancel);
                }
                using (await HoldAsync())
                {
                    await answers.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { EventMessage = request }, closed);
                }
                var processed = await verdict.Task.WaitAsync(closed).WaitAsync(cancel);
                var what = $"pub/sub event {request.Id}";
                return (processed.Status?.Status ?? TopicEventResponse.Types.TopicEventResponseStatus.Success) switch
                {
                    TopicEventResponse.Types.TopicEventResponseStatus.Success => SinkResult.Success,
                    TopicEventResponse.Types.TopicEventResponseStatus.Retry => AppStatus.Of("RETRY", what),
                    TopicEventResponse.Types.TopicEventResponseStatus.Drop => AppStatus.Of("DROP", what),
                    var unknown => AppStatus.Of(unknown.ToString(), what),
                };
            }
            catch (Exception e) when ((e is OperationCanceledException or InvalidOperationException or IOException or RpcException) && (closed.IsCancellationRequested || e is not OperationCanceledException))
            {
                return new SinkResult(SinkStatus.Unreachable, Problem: "the stream is closed");
            }
            finally
            {
                if (pending.TryRemove(KeyValuePair.Create(request.Id, verdict)))
                {
                    verdict.TrySetCanceled(CancellationToken.None);
                }
            }
        }

        private sealed class Hold(SemaphoreSlim semaphore) : IDisposable
        {
            public void Dispose() => semaphore.Release();
        }
    }
}

/// <summary>The gRPC form of an event.</summary>
internal static class TopicEvents
{
    private static readonly string[] OwnFields = ["id", "source", "datacontenttype", "type", "specversion", "data", "data_base64"];
    private static readonly JsonParser Structs = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Throws <see cref="FormatException"/> when the data does not fit its content type.</summary>
    public static TopicEventRequest Create(Subscription subscription, RoutedEvent routed)
    {
        var envelope = routed.Envelope;
        var request = new TopicEventRequest
        {
            Id = envelope.Text("id") ?? "",
            Source = envelope.Text("source") ?? "",
            Type = envelope.Text("type") ?? "",
            SpecVersion = envelope.Text("specversion") ?? "",
            DataContentType = envelope.Text("datacontenttype") ?? "",
            Topic = subscription.Topic,
            PubsubName = subscription.PubSub,
            Path = routed.Path,
            Data = ByteString.CopyFrom(Data(envelope)),
            Extensions = new Struct(),
        };
        foreach (var (name, value) in envelope.Attributes)
        {
            if (!OwnFields.Contains(name))
            {
                request.Extensions.Fields[name] = Structs.Parse<Value>(value.GetRawText());
            }
        }
        return request;
    }

    private static byte[] Data(CloudEventEnvelope envelope)
    {
        var type = envelope.Text("datacontenttype");
        if (envelope.Attributes.TryGetValue("data_base64", out var base64) && base64.ValueKind != System.Text.Json.JsonValueKind.Null)
        {
            return base64.ValueKind == System.Text.Json.JsonValueKind.String ? base64.GetBytesFromBase64() : throw new FormatException("data_base64 of the event is not a text");
        }
        if (!envelope.Attributes.TryGetValue("data", out var data) || data.ValueKind == System.Text.Json.JsonValueKind.Null)
        {
            return [];
        }
        if (ContentTypes.IsString(type))
        {
            return data.ValueKind == System.Text.Json.JsonValueKind.String
                ? System.Text.Encoding.UTF8.GetBytes(data.GetString()!) : throw new FormatException($"data of the event is not a text, its content type is {type}");
        }
        return ContentTypes.IsJson(type) || ContentTypes.IsCloudEvent(type) ? System.Text.Encoding.UTF8.GetBytes(data.GetRawText()) : [];
    }
}
