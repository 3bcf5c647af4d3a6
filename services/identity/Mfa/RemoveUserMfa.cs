using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Sessions;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Mfa;

/// <summary>DELETE /api/identity/users/{id}/mfa: for somebody who lost both the app and the recovery codes. All sessions of the person end.</summary>
public static class RemoveUserMfa
{
    private const string Reason = "mfa-removed";

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, AccountsDbContext db, SecondFactor factor, AccountSaves saves, UserSessions sessions, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        await factor.RemoveAsync(user, cancel);
        await sessions.EndAllAsync(user, null, Reason, () => saves.SaveAsync(user), cancel);
        return TypedResults.NoContent();
    }
}
