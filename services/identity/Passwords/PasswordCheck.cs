using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Tokens;
using Tarasol.Identity.Users;

namespace Tarasol.Identity.Passwords;

/// <summary>Compares passwords, counts the wrong ones, and takes the same time whether the account is there, locked or disabled.</summary>
internal sealed class PasswordCheck(UserManager<ApplicationUser> users, AccountsDbContext db, DecoyPassword decoy)
{
    /// <summary>The person, or null: name or password is wrong, or the account cannot be used.</summary>
    public async Task<ApplicationUser?> FindAsync(string userName, string password)
    {
        var user = await users.FindByNameAsync(userName);
        if (user is { DisabledAt: null, PasswordHash: not null } && !await users.IsLockedOutAsync(user))
            return await IsRightAsync(user, password) ? user : null;
        decoy.Check(password);
        return null;
    }

    /// <summary>Whether it is this person's password. A wrong one counts towards the lock of the account; a right one does not forgive yet, see <see cref="ForgiveAsync"/>.</summary>
    public async Task<bool> IsRightAsync(ApplicationUser user, string password)
    {
        if (!await users.IsLockedOutAsync(user) && await users.CheckPasswordAsync(user, password))
            return true;
        await CountFailureAsync(user);
        return false;
    }

    /// <summary>True while the account is locked after too many wrong guesses.</summary>
    public Task<bool> IsLockedAsync(ApplicationUser user) => users.IsLockedOutAsync(user);

    /// <summary>Counts a wrong guess. Guesses in parallel collide on the account's row; each of them must count.</summary>
    public async Task CountFailureAsync(ApplicationUser user)
    {
        while (!(await users.AccessFailedAsync(user)).Succeeded)
            await db.Entry(user).ReloadAsync();
    }

    /// <summary>The person has shown who they are: wrong guesses before are forgotten.</summary>
    public async Task ForgiveAsync(ApplicationUser user)
    {
        if (user.AccessFailedCount > 0)
            await users.ResetAccessFailedCountAsync(user);
    }
}
