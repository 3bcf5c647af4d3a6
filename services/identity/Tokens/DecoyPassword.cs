using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Users;

namespace Tarasol.Identity.Tokens;

/// <summary>Costs the time of a password check where there is no password to check, so that an unknown user cannot be told from a known one.</summary>
internal sealed class DecoyPassword(IPasswordHasher<ApplicationUser> hasher)
{
    private static readonly ApplicationUser Nobody = new() { DisplayNameAr = "", DisplayNameEn = "" };
    private static readonly string Hash = new PasswordHasher<ApplicationUser>().HashPassword(Nobody, Guid.NewGuid().ToString());

    public void Check(string password) => hasher.VerifyHashedPassword(Nobody, Hash, password);
}
