using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Users;

namespace Tarasol.Identity.Passwords;

/// <summary>
/// What a password must be: long enough, and none that everybody thinks of. No rule says which kinds of characters it must have; such rules make passwords weaker
/// (OWASP ASVS 5, 6.2.5).
/// </summary>
internal sealed class PasswordRules : IPasswordValidator<ApplicationUser>
{
    public const int Shortest = 8;

    public Task<IdentityResult> ValidateAsync(UserManager<ApplicationUser> manager, ApplicationUser user, string? password) => Task.FromResult(
        password is null || password.Length < Shortest ? IdentityResult.Failed(manager.ErrorDescriber.PasswordTooShort(Shortest))
        : CommonPasswords.Holds(password, user.UserName) ? IdentityResult.Failed(AccountErrors.PasswordTooCommon())
        : IdentityResult.Success);
}
