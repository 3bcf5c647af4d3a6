namespace Tarasol.Audit.Trail;

/// <summary>The current tenant's trail, wherever it is kept.</summary>
public interface IAuditTrail
{
    /// <summary>Adds an event at the end. One event at a time goes in; an event that is there already is not added again.</summary>
    Task AppendAsync(AuditEvent @event, CancellationToken cancel);

    /// <summary>Remembers how confidential a letter is: 0 (normal) to 3 (top secret).</summary>
    Task SetLetterLevelAsync(string letterId, int level, CancellationToken cancel);

    /// <summary>Up to <see cref="AuditQuery.Limit"/> + 1 entries that the reader may see, oldest first.</summary>
    Task<IReadOnlyList<AuditEntry>> ReadAsync(AuditQuery query, CancellationToken cancel);

    /// <summary>Where the chain ends.</summary>
    Task<ChainEnd> EndAsync(CancellationToken cancel);

    /// <summary>The entries up to a place, oldest first, one after another as they are read.</summary>
    IAsyncEnumerable<AuditEntry> EntriesAsync(long upTo);
}

/// <summary>What is known of an event before it has its place in the chain.</summary>
public sealed record AuditEvent(string Id, string Type, string Subject, string? LetterId, string Actor, DateTimeOffset At, string Data);

/// <param name="Subject">Only entries of which this is the subject or the letter; null: all.</param>
/// <param name="Type">Only this type; null: all.</param>
/// <param name="After">Sequence of the last entry seen.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="Clearance">Entries of letters above this level stay hidden, and those of letters whose level is not known from everybody below 3.</param>
public sealed record AuditQuery(string? Subject, string? Type, long After, int Limit, int Clearance);

/// <param name="Sequence">Of the last entry; 0 when there is none.</param>
/// <param name="Hash">Of the last entry.</param>
public sealed record ChainEnd(long Sequence, string Hash);
