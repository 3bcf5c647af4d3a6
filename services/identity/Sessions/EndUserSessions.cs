using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Sessions;

/// <summary>DELETE /api/identity/users/{id}/sessions: an admin ends all of somebody's sessions.</summary>
public static class EndUserSessions
{
    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, AccountsDbContext db, UserSessions sessions, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(user => user.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        await sessions.EndAllAsync(user, null, UserSessions.Ended, () => Task.CompletedTask, cancel);
        return TypedResults.NoContent();
    }
}
