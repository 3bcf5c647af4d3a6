namespace Tarasol.Audit.Trail;

/// <summary>One event as evidence. Never changed, never deleted.</summary>
public sealed class AuditEntry
{
    /// <summary>1, 2, 3, ... in the tenant's trail, without gaps.</summary>
    public long Sequence { get; init; }

    /// <summary>CloudEvents id; an event is here once.</summary>
    public required string EventId { get; init; }

    public required string Type { get; init; }

    public required string Subject { get; init; }

    /// <summary>The letter that the event concerns, from its data.</summary>
    public string? LetterId { get; init; }

    /// <summary>User name of the person who caused it, or the service's app-id.</summary>
    public required string Actor { get; init; }

    /// <summary>When it happened, as its publisher says.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>When it came here.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The event record as JSON, to the letter as it came.</summary>
    public required string Data { get; init; }

    /// <summary>Hash of the entry before; of the first one <see cref="EntryHash.Genesis"/>.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>See <see cref="EntryHash"/>.</summary>
    public required string Hash { get; init; }
}
