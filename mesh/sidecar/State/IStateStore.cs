namespace Tarasol.Sidecar.State;

/// <summary>One configured state component. Keys arrive complete, with their prefix; a store never interprets them.</summary>
internal interface IStateStore
{
    /// <summary>Dapr capability names as GET /v1.0/metadata reports them: ETAG, TRANSACTIONAL, TTL, ...</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>Null when the key is missing or expired.</summary>
    Task<StateItem?> GetAsync(string key, CancellationToken cancel);

    /// <summary>Items in the order of <paramref name="keys"/>; null where missing.</summary>
    Task<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>All operations or none, in order. A mismatch throws <see cref="ETagMismatchException"/>, an ill-formed etag <see cref="InvalidETagException"/>.</summary>
    Task CommitAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancel);
}

internal sealed record StateItem(ReadOnlyMemory<byte> Value, string ETag, DateTimeOffset? Expires = null);

internal enum Concurrency { Unspecified, FirstWrite, LastWrite }

internal enum Consistency { Unspecified, Eventual, Strong }

internal abstract record StateOperation(string Key, string? ETag, Concurrency Concurrency);

/// <param name="Key">Complete key.</param>
/// <param name="Value">Bytes as stored.</param>
/// <param name="ETag">Null: unconditional, but see <paramref name="Concurrency"/>.</param>
/// <param name="Concurrency">First-write without an etag succeeds only where no live value exists.</param>
/// <param name="TtlInSeconds">Null: the store's default; 0 or less: never expires.</param>
internal sealed record SetState(string Key, ReadOnlyMemory<byte> Value, string? ETag = null, Concurrency Concurrency = Concurrency.Unspecified, int? TtlInSeconds = null)
    : StateOperation(Key, ETag, Concurrency);

internal sealed record DeleteState(string Key, string? ETag = null, Concurrency Concurrency = Concurrency.Unspecified)
    : StateOperation(Key, ETag, Concurrency);

internal sealed class ETagMismatchException(string key) : Exception($"possible etag mismatch for key {key}");

internal sealed class InvalidETagException(string etag) : Exception($"invalid etag value: {etag}");
