using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>POST /api/identity/users/{id}/enable: a disabled account can be used again, and a lock after wrong passwords is lifted.</summary>
public static class EnableUser
{
    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, AccountsDbContext db, UserChanges changes, AccountSaves saves, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        if (user.DisabledAt is not null)
        {
            user.DisabledAt = null;
            await changes.TellAsync(user, cancel);
        }
        user.LockoutEnd = null;
        user.AccessFailedCount = 0;
        await saves.SaveAsync(user);
        return TypedResults.NoContent();
    }
}
