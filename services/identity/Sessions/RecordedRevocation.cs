namespace Tarasol.Identity.Sessions;

/// <summary>A revocation that may still matter, for services that were not there when its event went out.</summary>
public sealed class RecordedRevocation
{
    /// <summary>CloudEvents id.</summary>
    public required string EventId { get; init; }

    /// <summary>Slug; null in what an earlier release recorded.</summary>
    public string? Tenant { get; init; }

    public Guid UserId { get; init; }

    public Guid? SessionId { get; init; }

    public int FromVersion { get; init; }

    public DateTimeOffset Until { get; init; }
}
