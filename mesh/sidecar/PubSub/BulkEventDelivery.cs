using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.PubSub;

/// <summary>
/// A bulk subscription (wire: 6.4): messages wait for others up to maxMessagesCount or maxAwaitDurationMs and go to the app in one call,
/// which answers for each entry. Only entries that failed are sent again by the inbound policy.
/// </summary>
internal sealed class BulkEventDelivery(
    AppRuntime app, Subscription subscription, IPubSub pubsub, IAppChannel channel, EventDelivery single, IResiliency resiliency, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly SinkResult NoStatus = new(SinkStatus.Retry, Problem: "no status for the entry in the app's answer");

    private readonly Channel<Entry> waiting = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly BulkSubscribe bulk = subscription.Bulk!;
    private readonly bool raw = Publisher.IsRawPayload(subscription.Metadata, out _) == true;
    private Task gathering = Task.CompletedTask;

    public void Start() => gathering = GatherAsync();

    public Task<HandlerOutcome> HandleAsync(Delivery delivery)
    {
        var entry = new Entry(Guid.CreateVersion7().ToString(), delivery);
        if (!waiting.Writer.TryWrite(entry))
        {
            entry.Done.TrySetResult(HandlerOutcome.PutBack);
        }
        return entry.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await gathering;
    }

    private sealed class Entry(string id, Delivery delivery)
    {
        public string Id { get; } = id;

        public Delivery Delivery { get; } = delivery;

        public CloudEventEnvelope? Envelope { get; set; }

        public string Path { get; set; } = "";

        /// <summary>Null: not answered for yet.</summary>
        public SinkResult? Result { get; set; }

        public TaskCompletionSource<HandlerOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task GatherAsync()
    {
        var reader = waiting.Reader;
        while (await reader.WaitToReadAsync())
        {
            if (!reader.TryRead(out var first))
            {
                continue;
            }
            var batch = new List<Entry> { first };
            // The window begins with the first message; when the subscription stops, what is there goes out at once.
            using var window = new CancellationTokenSource(bulk.MaxAwait, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(window.Token, first.Delivery.Stopping);
            try
            {
                while (batch.Count < bulk.MaxMessagesCount)
                {
                    batch.Add(await reader.ReadAsync(end.Token));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
            {
                // The window is over, or nothing more comes.
            }
            await HandleBatchAsync(batch);
        }
    }

    private async Task HandleBatchAsync(List<Entry> batch)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            foreach (var entry in batch)
            {
                Route(entry);
            }
            foreach (var group in batch.Where(entry => entry.Result is null).GroupBy(entry => entry.Path))
            {
                await DeliverAsync(group.Key, [.. group]);
            }
            foreach (var entry in batch)
            {
                single.Count(entry.Result!.Value.Status, started);
                entry.Done.TrySetResult(await SettleAsync(entry));
            }
        }
        catch (Exception e)
        {
            log.LogError(e, "{App}: {PubSub}/{Topic}: a bulk delivery failed", app.AppId, subscription.PubSub, subscription.Topic);
            foreach (var entry in batch)
            {
                entry.Done.TrySetResult(HandlerOutcome.Retry);
            }
        }
    }

    private void Route(Entry entry)
    {
        try
        {
            entry.Envelope = Envelopes.Read(entry.Delivery.Message, subscription, raw);
            if (entry.Envelope.HasExpired(time.GetUtcNow()))
            {
                entry.Result = new(SinkStatus.Drop, Problem: $"event {entry.Envelope.Id} expired");
                return;
            }
            var path = subscription.Route(entry.Envelope.Attributes);
            entry.Path = path ?? "";
            entry.Result = path is null || (path.Length == 0 && app.Grpc is null) ? new(SinkStatus.Drop, Problem: $"no route matches event {entry.Envelope.Id}") : null;
        }
        catch (Exception e) when (e is FormatException or Routing.CelException)
        {
            entry.Result = new(SinkStatus.Retry, Problem: e.Message);
        }
    }

    private async Task DeliverAsync(string path, IReadOnlyList<Entry> entries)
    {
        var pending = entries;
        var (stopping, abort) = (entries[0].Delivery.Stopping, entries[0].Delivery.Abort);
        try
        {
            await resiliency.ComponentInbound(app.AppId, subscription.PubSub, ResiliencyComponentType.Pubsub).ExecuteAsync(async attempt =>
            {
                await CallAsync(path, pending, attempt);
                pending = [.. pending.Where(entry => entry.Result is { Status: SinkStatus.Retry })];
                return new Attempt<bool>(true, pending.Count > 0 && !stopping.IsCancellationRequested, pending.Count > 0 ? pending[0].Result?.StatusCode : null);
            }, null, abort);
        }
        catch (Exception e) when (e is TimeoutException or CircuitOpenException or OperationCanceledException)
        {
            foreach (var entry in pending)
            {
                entry.Result = new(abort.IsCancellationRequested ? SinkStatus.Unreachable : SinkStatus.Retry, Problem: e.Message);
            }
        }
    }

    private async Task CallAsync(string path, IReadOnlyList<Entry> entries, CancellationToken cancel)
    {
        void All(SinkResult result)
        {
            foreach (var entry in entries)
            {
                entry.Result = result;
            }
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(pubsub.ProcessingTimeout ?? Timeout.InfiniteTimeSpan);
        try
        {
            if (app.Grpc is { } grpc)
            {
                var verdicts = await GrpcBulkEvents.DeliverAsync(
                    grpc, subscription, path, [.. entries.Select(entry => new BulkEntry(entry.Id, entry.Delivery.Message, raw ? null : entry.Envelope))], limit.Token);
                foreach (var entry in entries)
                {
                    entry.Result = verdicts.TryGetValue(entry.Id, out var verdict) ? verdict : NoStatus;
                }
                return;
            }
            using var request = HttpEventSink.Request(path, Body(entries), ContentTypes.Json, [new("pubsubName", subscription.PubSub)]);
            using var response = await channel.SendAsync(request, limit.Token);
            var body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            switch ((int)response.StatusCode)
            {
                case >= 200 and <= 299:
                    Answers(body, entries);
                    break;
                case 404:
                    All(new(SinkStatus.Drop, 404, "status 404 returned from app"));
                    break;
                case var code:
                    All(new(SinkStatus.Retry, code, $"status {code} returned from app"));
                    break;
            }
        }
        catch (HttpRequestException e)
        {
            All(new(HttpEventSink.IsUnreachable(e) ? SinkStatus.Unreachable : SinkStatus.Retry, Problem: e.Message));
        }
        catch (Grpc.Core.RpcException e)
        {
            All(GrpcEventSink.Failure(e, "bulk events"));
        }
        catch (FormatException e)
        {
            All(new(SinkStatus.Retry, Problem: e.Message));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            All(new(SinkStatus.Retry, Problem: $"the app did not answer within processingTimeout {pubsub.ProcessingTimeout}"));
        }
    }

    private static void Answers(byte[] body, IReadOnlyList<Entry> entries)
    {
        var answers = new Dictionary<string, string>();
        if (CloudEventEnvelope.FirstValue(body) is { ValueKind: JsonValueKind.Object } answer && answer.Member("statuses") is { ValueKind: JsonValueKind.Array } statuses)
        {
            foreach (var status in statuses.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object))
            {
                string Text(string name) => status.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
                answers[Text("entryId")] = Text("status");
            }
        }
        foreach (var entry in entries)
        {
            // Here, unlike for single events, no status is not a success.
            var status = answers.GetValueOrDefault(entry.Id, "");
            entry.Result = status.Length == 0 ? NoStatus : AppStatus.Of(status, $"bulk entry {entry.Id}");
        }
    }

    private ReadOnlyMemory<byte> Body(IReadOnlyList<Entry> entries)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("id", Guid.CreateVersion7().ToString());
        json.WriteString("type", "com.dapr.event.sent.bulk");
        json.WriteString("topic", subscription.Topic);
        json.WriteString("pubsubname", subscription.PubSub);
        WriteMetadata(json, new Dictionary<string, string> { ["pubsubName"] = subscription.PubSub });
        json.WriteStartArray("entries");
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("entryId", entry.Id);
            if (raw)
            {
                json.WriteBase64String("event", entry.Delivery.Message.Data.Span);
            }
            else
            {
                json.WritePropertyName("event");
                entry.Envelope!.WriteTo(json);
            }
            json.WriteString("contentType", entry.Delivery.Message.ContentType ?? (raw ? ContentTypes.Binary : ContentTypes.CloudEvents));
            WriteMetadata(json, entry.Delivery.Message.Metadata);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject("metadata");
        foreach (var (name, value) in metadata)
        {
            json.WriteString(name, value);
        }
        json.WriteEndObject();
    }

    private async Task<HandlerOutcome> SettleAsync(Entry entry)
    {
        var result = entry.Result!.Value;
        if (result.Status == SinkStatus.Success)
        {
            return HandlerOutcome.Ack;
        }
        log.LogWarning("{App}: {PubSub}/{Topic}: bulk entry {Status}, {Problem}", app.AppId, subscription.PubSub, subscription.Topic, result.Status, result.Problem);
        if (result.Status == SinkStatus.Unreachable || (result.Status == SinkStatus.Retry && entry.Delivery.Stopping.IsCancellationRequested))
        {
            return HandlerOutcome.PutBack;
        }
        if (subscription.DeadLetterTopic is null)
        {
            return result.Status == SinkStatus.Drop ? HandlerOutcome.Ack : HandlerOutcome.Retry;
        }
        return await single.DeadLetterAsync([entry.Delivery.Message], entry.Delivery.Abort) ? HandlerOutcome.Ack : HandlerOutcome.Keep;
    }
}
