using Microsoft.AspNetCore.Identity;

namespace Tarasol.Identity.Users;

/// <summary>A person's account in one tenant.</summary>
public sealed class ApplicationUser : IdentityUser<Guid>
{
    public required string DisplayNameAr { get; set; }

    public required string DisplayNameEn { get; set; }

    /// <summary>Highest confidentiality level that the person may see: 0 (normal) to 3 (top secret).</summary>
    public int Clearance { get; set; }

    /// <summary>The unit that the person works in; directory knows it.</summary>
    public Guid? UnitId { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>No token is given until the person has chosen a password of their own.</summary>
    public bool MustChangePassword { get; set; }

    /// <summary>Set: the account cannot be used for the time being.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>Set: the account is gone for everybody; its name is not given away again.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    /// <summary>The sealed secret of the authenticator app; null: no second factor.</summary>
    public string? TotpSecret { get; set; }

    /// <summary>The same, not yet confirmed by a code.</summary>
    public string? TotpPending { get; set; }

    /// <summary>The step of the last code that was taken: no code is good twice.</summary>
    public long TotpLastStep { get; set; }

    /// <summary>Goes up when rights are taken away: tokens of an older version are refused everywhere.</summary>
    public int TokenVersion { get; set; }
}
