using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Users;

namespace Tarasol.Identity.Passwords;

/// <summary>Sets passwords by the rules.</summary>
internal sealed class NewPassword(UserManager<ApplicationUser> users)
{
    /// <summary>Puts the hash into the account; the caller saves. Tells the rules that the password breaks; then nothing changed.</summary>
    public async Task<IReadOnlyList<IdentityError>> SetAsync(ApplicationUser user, string password)
    {
        var broken = new List<IdentityError>();
        foreach (var rule in users.PasswordValidators)
            broken.AddRange((await rule.ValidateAsync(users, user, password)).Errors);
        if (broken.Count == 0 && user.PasswordHash is { } before && users.PasswordHasher.VerifyHashedPassword(user, before, password) != PasswordVerificationResult.Failed)
            broken.Add(AccountErrors.PasswordNotNew());
        if (broken.Count > 0)
            return broken;
        user.PasswordHash = users.PasswordHasher.HashPassword(user, password);
        user.SecurityStamp = Guid.CreateVersion7().ToString();
        user.MustChangePassword = false;
        return [];
    }
}
