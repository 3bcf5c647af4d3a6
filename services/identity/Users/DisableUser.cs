using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Sessions;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>POST /api/identity/users/{id}/disable: the account cannot be used, its tokens are refused at once.</summary>
public static class DisableUser
{
    private const string Reason = "disabled";

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, AccountsDbContext db, UserChanges changes, AccountSaves saves, UserSessions sessions, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        if (user.DisabledAt is not null)
            return TypedResults.NoContent();
        if (await changes.IsLastAdministratorAsync(id, cancel))
            return UserChanges.LastAdministrator.Result();
        user.DisabledAt = time.GetUtcNow();
        await changes.TellAsync(user, cancel);
        await sessions.EndAllAsync(user, null, Reason, () => saves.SaveAsync(user), cancel);
        return TypedResults.NoContent();
    }
}
