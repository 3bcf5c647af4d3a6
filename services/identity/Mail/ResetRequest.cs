namespace Tarasol.Identity.Mail;

/// <summary>Somebody says that they forgot their password. Kept for every name alike, known or not, and dealt with afterwards, so that the answer tells nothing.</summary>
public sealed class ResetRequest
{
    public Guid Id { get; init; }

    public required string UserName { get; init; }

    public DateTimeOffset RequestedAt { get; init; }
}
