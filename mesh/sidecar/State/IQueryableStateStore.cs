namespace Tarasol.Sidecar.State;

/// <summary>A state store that can find values by what is in them (the query API).</summary>
internal interface IQueryableStateStore : IStateStore
{
    /// <summary>
    /// The values that match, among the keys that begin with <paramref name="prefix"/> (empty: all). Throws <see cref="StateQueryException"/> on a
    /// query that the store cannot follow.
    /// </summary>
    Task<StateQueryResult> QueryAsync(StateQuery query, string prefix, CancellationToken cancel);
}

/// <param name="Items">Complete keys with their values and etags.</param>
/// <param name="Token">Where the next page begins; null: there was no limit.</param>
internal sealed record StateQueryResult(IReadOnlyList<(string Key, ReadOnlyMemory<byte> Value, string ETag)> Items, string? Token);

/// <summary>A query that cannot be followed; the message goes to the client.</summary>
internal sealed class StateQueryException(string message) : Exception(message);
