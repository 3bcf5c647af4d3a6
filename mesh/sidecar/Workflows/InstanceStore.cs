using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Tarasol.Sidecar.State;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// Instances in the app's actor state store, below the keys of the actor that daprd gives each: metadata, customStatus, history-NNNNNN (one key for each commit,
/// so that a turn writes only what is new), inbox-NNNNNN and outbox-NNNNNN (one key for each message).
/// </summary>
internal sealed class InstanceStore(IStateStore store, string appId, string @namespace, EngineLease lease)
{
    private readonly string _prefix = $"{appId}||dapr.internal.{@namespace}.{appId}.workflow||";

    /// <summary>Null when there is no such instance.</summary>
    public async Task<InstanceState?> LoadAsync(string id, CancellationToken cancel)
    {
        if (await store.GetAsync(Key(id, "metadata"), cancel) is not { } found)
        {
            return null;
        }

        var metadata = JsonSerializer.Deserialize(found.Value.Span, InstanceJson.Default.InstanceMetadata)!;
        var state = new InstanceState(id)
        {
            Sequence = metadata.Sequence,
            Generation = metadata.Generation,
            HistoryChunks = metadata.HistoryChunks,
            NextInbox = metadata.NextInbox,
            NextOutbox = metadata.NextOutbox,
        };
        var inbox = Numbers(metadata.FirstInbox, metadata.NextInbox);
        var outbox = Numbers(metadata.FirstOutbox, metadata.NextOutbox);
        var items = await store.GetManyAsync(
            [
                .. Numbers(0, metadata.HistoryChunks).Select(number => HistoryKey(id, number)),
                .. inbox.Select(number => InboxKey(id, number)),
                .. outbox.Select(number => OutboxKey(id, number)),
                Key(id, "customStatus"),
            ],
            cancel);
        for (var chunk = 0; chunk < metadata.HistoryChunks; chunk++)
        {
            foreach (var happened in ReadChunk(items[chunk] ?? throw new InvalidDataException($"Workflow instance '{id}': history chunk {chunk} is missing in the state store.")))
            {
                state.Append(happened);
            }
        }

        for (var i = 0; i < inbox.Count; i++)
        {
            if (items[metadata.HistoryChunks + i] is { } item)
            {
                state.Receive(inbox[i], HistoryEvent.Parser.ParseFrom(item.Value.Span));
            }
        }

        for (var i = 0; i < outbox.Count; i++)
        {
            if (items[metadata.HistoryChunks + inbox.Count + i] is { } item)
            {
                var message = JsonSerializer.Deserialize(item.Value.Span, InstanceJson.Default.StoredMessage)!;
                state.Outbox.Add((outbox[i], new OutboxMessage(message.AppId, message.InstanceId, HistoryEvent.Parser.ParseFrom(message.Event))));
            }
        }

        state.CustomStatus = items[^1] is { } status ? JsonSerializer.Deserialize(status.Value.Span, InstanceJson.Default.String) : null;
        return state;
    }

    /// <summary>Collects one commit.</summary>
    public Changes Begin(InstanceState state) => new(this, state);

    public Task DeleteAsync(InstanceState state, StateOperation further, CancellationToken cancel)
    {
        lease.Check();
        return store.CommitAsync([.. Delete(state), further], cancel);
    }

    /// <summary>What deletes an instance as a whole.</summary>
    public IEnumerable<StateOperation> Delete(InstanceState state) =>
    [
        .. Numbers(0, state.HistoryChunks).Select(number => new DeleteState(HistoryKey(state.Id, number))),
        .. state.Inbox.Select(entry => new DeleteState(InboxKey(state.Id, entry.Number))),
        .. state.Outbox.Select(entry => new DeleteState(OutboxKey(state.Id, entry.Number))),
        .. state.Delivered.Select(number => new DeleteState(OutboxKey(state.Id, number))),
        new DeleteState(Key(state.Id, "customStatus")),
        new DeleteState(Key(state.Id, "metadata")),
    ];

    private string Key(string id, string name) => $"{_prefix}{id}||{name}";

    private string HistoryKey(string id, long number) => Key(id, Numbered("history-", number));

    private string InboxKey(string id, long number) => Key(id, Numbered("inbox-", number));

    private string OutboxKey(string id, long number) => Key(id, Numbered("outbox-", number));

    private static string Numbered(string name, long number) => name + number.ToString("D6", CultureInfo.InvariantCulture);

    private static List<long> Numbers(long first, long next)
    {
        var numbers = new List<long>();
        for (var number = first; number < next; number++)
        {
            numbers.Add(number);
        }

        return numbers;
    }

    private static List<HistoryEvent> ReadChunk(StateItem item)
    {
        var events = new List<HistoryEvent>();
        using var stream = new MemoryStream(item.Value.ToArray());
        while (stream.Position < stream.Length)
        {
            events.Add(HistoryEvent.Parser.ParseDelimitedFrom(stream));
        }

        return events;
    }

    /// <summary>Changes of one instance that become true together, in the store first and in memory then.</summary>
    internal sealed class Changes(InstanceStore owner, InstanceState state)
    {
        private readonly List<StateOperation> _operations = [];
        private readonly List<HistoryEvent> _history = [];
        private readonly List<HistoryEvent> _received = [];
        private readonly List<OutboxMessage> _sent = [];
        private readonly HashSet<long> _taken = [];
        private bool _newGeneration;
        private string? _customStatus = state.CustomStatus;

        /// <summary>Appends to the history.</summary>
        public void Append(HistoryEvent happened) => _history.Add(happened);

        /// <summary>Adds to the end of the inbox.</summary>
        public void Receive(HistoryEvent happened) => _received.Add(happened);

        /// <summary>Removes from the inbox.</summary>
        public void Take(long inboxNumber) => _taken.Add(inboxNumber);

        public void Send(OutboxMessage message) => _sent.Add(message);

        public void SetCustomStatus(string? status) => _customStatus = status;

        /// <summary>Drops the whole history and counts up the generation.</summary>
        public void BeginGeneration() => _newGeneration = true;

        public void Also(IEnumerable<StateOperation> operations) => _operations.AddRange(operations);

        /// <summary>Commits, and answers the state as it is then: the same object, or a new one for a new generation.</summary>
        public async Task<InstanceState> CommitAsync(CancellationToken cancel)
        {
            var chunks = _newGeneration ? 0 : state.HistoryChunks;
            if (_newGeneration)
            {
                _operations.AddRange(Numbers(0, state.HistoryChunks).Select(number => new DeleteState(owner.HistoryKey(state.Id, number))));
            }

            if (_history.Count > 0)
            {
                using var chunk = new MemoryStream();
                _history.ForEach(happened => happened.WriteDelimitedTo(chunk));
                _operations.Add(new SetState(owner.HistoryKey(state.Id, chunks), chunk.ToArray()));
                chunks++;
            }

            var inbox = state.Inbox.Where(entry => !_taken.Contains(entry.Number)).ToList();
            _operations.AddRange(_taken.Where(number => !state.Unsaved.Contains(number)).Select(number => new DeleteState(owner.InboxKey(state.Id, number))));
            _operations.AddRange(inbox.Where(entry => state.Unsaved.Contains(entry.Number)).Select(entry => new SetState(owner.InboxKey(state.Id, entry.Number), entry.Event.ToByteArray())));
            var nextInbox = state.NextInbox;
            foreach (var happened in _received)
            {
                _operations.Add(new SetState(owner.InboxKey(state.Id, nextInbox), happened.ToByteArray()));
                inbox.Add((nextInbox++, happened));
            }

            // What the outbox has beyond this commit: not delivered yet, or only since the list was taken.
            var delivered = state.Delivered.ToList();
            var outbox = state.Outbox.ToList();
            _operations.AddRange(delivered.Select(number => new DeleteState(owner.OutboxKey(state.Id, number))));
            var nextOutbox = state.NextOutbox;
            foreach (var message in _sent)
            {
                _operations.Add(new SetState(owner.OutboxKey(state.Id, nextOutbox), JsonSerializer.SerializeToUtf8Bytes(
                    new StoredMessage(message.AppId, message.InstanceId, message.Event.ToByteArray()), InstanceJson.Default.StoredMessage)));
                outbox.Add((nextOutbox++, message));
            }

            if (_customStatus != state.CustomStatus)
            {
                _operations.Add(_customStatus is null
                    ? new DeleteState(owner.Key(state.Id, "customStatus"))
                    : new SetState(owner.Key(state.Id, "customStatus"), JsonSerializer.SerializeToUtf8Bytes(_customStatus, InstanceJson.Default.String)));
            }

            var metadata = new InstanceMetadata(
                state.Sequence,
                state.Generation + (_newGeneration ? 1 : 0),
                chunks,
                inbox.Count > 0 ? inbox[0].Number : nextInbox,
                nextInbox,
                outbox.Count > 0 ? outbox[0].Number : nextOutbox,
                nextOutbox);
            _operations.Add(new SetState(owner.Key(state.Id, "metadata"), JsonSerializer.SerializeToUtf8Bytes(metadata, InstanceJson.Default.InstanceMetadata)));
            owner.Lease.Check();
            await owner.Store.CommitAsync(_operations, cancel);

            var result = state;
            if (_newGeneration)
            {
                result = new InstanceState(state.Id) { Sequence = state.Sequence };
                result.Outbox.AddRange(outbox);
            }
            else
            {
                state.Inbox.RemoveAll(entry => _taken.Contains(entry.Number));
                state.Unsaved.Clear();
                state.Delivered.RemoveAll(delivered.Contains);
                state.Outbox.AddRange(outbox.Skip(state.Outbox.Count));
            }

            result.Generation = metadata.Generation;
            result.HistoryChunks = chunks;
            result.NextInbox = nextInbox;
            result.NextOutbox = nextOutbox;
            result.CustomStatus = _customStatus;
            _history.ForEach(result.Append);
            foreach (var (number, happened) in inbox.Where(entry => _newGeneration || entry.Number >= nextInbox - _received.Count))
            {
                result.Receive(number, happened);
            }

            return result;
        }
    }

    private IStateStore Store => store;

    private EngineLease Lease => lease;
}

internal sealed record InstanceMetadata(long Sequence, long Generation, int HistoryChunks, long FirstInbox, long NextInbox, long FirstOutbox, long NextOutbox);

internal sealed record StoredMessage(string AppId, string InstanceId, byte[] Event);

[JsonSerializable(typeof(InstanceMetadata))]
[JsonSerializable(typeof(StoredMessage))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(IndexHead))]
internal sealed partial class InstanceJson : JsonSerializerContext;
