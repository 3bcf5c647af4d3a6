namespace Tarasol.Delegations.Granting;

/// <summary>One person lets another act for them. What was offered never changes; what became of it is in <see cref="Changes"/>, to which rows are only ever added.</summary>
public sealed class Delegation
{
    public Guid Id { get; init; }

    /// <summary>User name of the person whose work it is.</summary>
    public required string Principal { get; init; }

    /// <summary>User name of the person who is to act.</summary>
    public required string Delegate { get; init; }

    public required Scope Scope { get; init; }

    /// <summary>Highest level. It counts only as far as both persons are cleared for it.</summary>
    public Confidentiality Confidentiality { get; init; }

    public DateOnly FirstDay { get; init; }

    /// <summary>Included.</summary>
    public DateOnly LastDay { get; init; }

    /// <summary>IANA name of the zone in which the days begin.</summary>
    public required string TimeZone { get; init; }

    public DateTimeOffset StartsAt { get; init; }

    /// <summary>The first moment at which it does not hold any more.</summary>
    public DateTimeOffset EndsAt { get; init; }

    public required string Reason { get; init; }

    /// <summary>What the newest change says.</summary>
    public DelegationState State { get; private set; }

    /// <summary>Row version, and how many changes there are.</summary>
    public int Version { get; private set; }

    public List<DelegationChange> Changes { get; init; } = [];

    /// <summary>Nobody has said no to it yet, and its time is not over.</summary>
    public bool IsStanding(DateTimeOffset now) => State is DelegationState.Offered or DelegationState.Accepted && now < EndsAt;

    /// <summary>Adds what became of it.</summary>
    public void Record(DelegationState state, string actor, DateTimeOffset at, EndCause? cause = null, string? reason = null)
    {
        // Never before the change before it, whatever the clocks of other machines say.
        var newest = Changes.Count == 0 ? at : Changes.Max(change => change.At);
        State = state;
        Changes.Add(new() { DelegationId = Id, Number = ++Version, Kind = state, At = at > newest ? at : newest, Actor = actor, Cause = cause, Reason = reason });
    }
}

/// <summary>Something that became of a delegation.</summary>
public sealed class DelegationChange
{
    public Guid DelegationId { get; init; }

    /// <summary>From 1.</summary>
    public int Number { get; init; }

    public DelegationState Kind { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>User name of the person who did it.</summary>
    public required string Actor { get; init; }

    /// <summary>Of an end: as whom.</summary>
    public EndCause? Cause { get; init; }

    public string? Reason { get; init; }
}

public enum DelegationState
{
    /// <summary>The delegate has not answered.</summary>
    Offered,

    /// <summary>It holds from its first day to its last.</summary>
    Accepted,

    Declined,

    /// <summary>Taken back before it was answered.</summary>
    Withdrawn,

    /// <summary>Over before its time.</summary>
    Ended,
}

/// <summary>Who or what ended a delegation.</summary>
public enum EndCause
{
    Principal,
    Delegate,
    Administrator,
    PersonLeft,
}
