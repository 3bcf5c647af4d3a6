namespace Tarasol.Identity.Mail;

/// <summary>A token that went out by mail, for one use.</summary>
public sealed class MailedToken
{
    /// <summary>Hexadecimal SHA-256 of the token, which has 256 random bits.</summary>
    public required string TokenHash { get; init; }

    public Guid UserId { get; init; }

    /// <summary><see cref="MailedTokens.Confirm"/> or <see cref="MailedTokens.Reset"/>.</summary>
    public required string Purpose { get; init; }

    /// <summary>Where it was sent.</summary>
    public required string Email { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}
