using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Users;

namespace Tarasol.Identity.Tokens;

/// <summary>Costs the time of a password check where there is no password to check, so that an unknown user cannot be told from a known one.</summary>
internal sealed class DecoyPassword(IPasswordHasher<ApplicationUser> hasher)
{
    private static readonly ApplicationUser Nobody = new() { DisplayNameAr = "", DisplayNameEn = "" };
    private static readonly string Made = new PasswordHasher<ApplicationUser>().HashPassword(Nobody, Guid.NewGuid().ToString());

    // Made at the first sign-in of all; made at the first unknown name, that one alone would take twice the time.
    private readonly string hash = Made;

    public void Check(string password) => hasher.VerifyHashedPassword(Nobody, hash, password);
}
