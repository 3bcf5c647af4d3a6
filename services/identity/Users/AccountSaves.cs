using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>Saves a changed account with all that the context holds. Somebody else's change at the same time is 412.</summary>
internal sealed class AccountSaves(UserManager<ApplicationUser> users)
{
    public async Task SaveAsync(ApplicationUser user)
    {
        var saved = await users.UpdateAsync(user);
        if (saved.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.ConcurrencyFailure)))
            throw CommonProblems.Changed.Exception();
        if (!saved.Succeeded)
            throw new DbUpdateException($"The account could not be saved: {string.Join("; ", saved.Errors.Select(error => error.Description))}");
    }
}
