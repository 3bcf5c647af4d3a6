namespace Tarasol.Identity.Mfa;

/// <summary>A code that takes the place of the second factor once.</summary>
public sealed class RecoveryCode
{
    public Guid UserId { get; init; }

    /// <summary>Hexadecimal SHA-256; the codes have 80 random bits.</summary>
    public required string CodeHash { get; init; }
}
