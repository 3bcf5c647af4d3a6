using Microsoft.AspNetCore.Identity;

namespace Tarasol.Identity.Roles;

/// <summary>What a person is in a tenant. Its permissions are role claims of type <c>perm</c>.</summary>
public sealed class ApplicationRole : IdentityRole<Guid>
{
    public required string NameAr { get; set; }

    public required string NameEn { get; set; }

    /// <summary>Who has the role needs a second factor to sign in.</summary>
    public bool MfaRequired { get; set; }
}
