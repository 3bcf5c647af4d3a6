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

    /// <summary>The store's rule for the metadata ttlInSeconds. Throws <see cref="StateOptionException"/>.</summary>
    int ParseTtl(string text) => StateTtl.Strict(text);
}

/// <param name="Value">Empty when it cannot be read.</param>
/// <param name="ETag">As the store makes them.</param>
/// <param name="Expires">Null: never.</param>
/// <param name="Error">Why the value cannot be read.</param>
internal sealed record StateItem(ReadOnlyMemory<byte> Value, string ETag, DateTimeOffset? Expires = null, string? Error = null);

internal enum Concurrency { Unspecified, FirstWrite, LastWrite }

internal enum Consistency { Unspecified, Eventual, Strong }

internal abstract record StateOperation(string Key, string? ETag, Concurrency Concurrency);

/// <param name="Key">Complete key.</param>
/// <param name="Value">Bytes as stored.</param>
/// <param name="ETag">Null: unconditional, but see <paramref name="Concurrency"/>.</param>
/// <param name="Concurrency">First-write without an etag succeeds only where no live value exists.</param>
/// <param name="TtlInSeconds">Null: the store's default; 0 or less: never expires.</param>
/// <param name="IsText">The value is JSON or other UTF-8 text: stores that tell the two apart keep it readable. Else it is kept as bytes.</param>
/// <param name="Consistency">Strong: stores with replicas wait for them.</param>
internal sealed record SetState(
    string Key, ReadOnlyMemory<byte> Value, string? ETag = null, Concurrency Concurrency = Concurrency.Unspecified, int? TtlInSeconds = null, bool IsText = false,
    Consistency Consistency = Consistency.Unspecified)
    : StateOperation(Key, ETag, Concurrency);

internal sealed record DeleteState(string Key, string? ETag = null, Concurrency Concurrency = Concurrency.Unspecified)
    : StateOperation(Key, ETag, Concurrency);

/// <summary>The words are daprd's, with the store's own reason if it has one; which key it was is for the log.</summary>
internal sealed class ETagMismatchException(string key, string? reason = null) : Exception(reason is null ? Words : $"{Words}: {reason}")
{
    public const string Words = "possible etag mismatch. error from state store";

    public string Key { get; } = key;
}

internal sealed class InvalidETagException(string etag) : Exception($"{Words}: {etag}")
{
    public const string Words = "invalid etag value";
}
