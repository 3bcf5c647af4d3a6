namespace Tarasol.Tasks.Delegations;

/// <summary>What this service has to know of an accepted delegation: the delegation service owns it, this is a copy that its events make.</summary>
public sealed class KnownDelegation
{
    public Guid Id { get; init; }

    /// <summary>User name of the person whose work it is.</summary>
    public required string Principal { get; init; }

    /// <summary>User name of the person who acts.</summary>
    public required string Delegate { get; init; }

    /// <summary>Units, letter types and actions as JSON; see the event.</summary>
    public required string Scope { get; init; }

    /// <summary>0 to 3.</summary>
    public int Confidentiality { get; init; }

    public DateTimeOffset From { get; init; }

    /// <summary>When it is over; moved forward when it is ended earlier.</summary>
    public DateTimeOffset Until { get; set; }

    /// <summary>The work that was still open at the end has gone back to the principal.</summary>
    public bool Returned { get; set; }
}
