using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Sessions;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>DELETE /api/identity/users/{id}: the account is gone for good and its tokens are refused at once. The name stays taken: what the person did is kept under it.</summary>
public static class RemoveUser
{
    private const string Reason = "removed";

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, AccountsDbContext db, UserChanges changes, AccountSaves saves, UserSessions sessions, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        if (await changes.IsLastAdministratorAsync(id, cancel))
            return UserChanges.LastAdministrator.Result();
        var now = time.GetUtcNow();
        user.RemovedAt = now;
        user.PasswordHash = null;
        db.RemoveRange(await db.UserRoles.Where(given => given.UserId == id).ToListAsync(cancel));
        db.RemoveRange(await db.LimitedRoles.Where(given => given.UserId == id).ToListAsync(cancel));
        outbox.Add(new UserRemoved(user.Id, user.UserName!, now));
        await sessions.EndAllAsync(user, null, Reason, () => saves.SaveAsync(user), cancel);
        return TypedResults.NoContent();
    }
}
