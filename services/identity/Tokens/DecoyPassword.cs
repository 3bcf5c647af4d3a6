using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Users;

namespace Tarasol.Identity.Tokens;

/// <summary>Costs the time of a password check where there is no password to check, so that an unknown user cannot be told from a known one.</summary>
internal sealed class DecoyPassword
{
    private static readonly ApplicationUser Nobody = new() { DisplayNameAr = "", DisplayNameEn = "" };
    private readonly PasswordHasher<ApplicationUser> hasher = new();
    private readonly string hash;

    public DecoyPassword() => hash = hasher.HashPassword(Nobody, Guid.NewGuid().ToString());

    public void Check(string password) => hasher.VerifyHashedPassword(Nobody, hash, password);
}
