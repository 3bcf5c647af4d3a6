using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Sessions;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Users;

/// <summary>PUT /api/identity/users/{id}/clearance: a lower one holds at once, a higher one from the next refresh on.</summary>
public static class SetClearance
{
    public sealed record Request([Range(0, 3)] int Clearance);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, AccountsDbContext db, UserChanges changes, AccountSaves saves, UserSessions sessions, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        if (body.Value.Clearance < user.Clearance)
            sessions.RevokeAccess(user, SetUserRoles.Reason);
        user.Clearance = body.Value.Clearance;
        await changes.TellAsync(user, cancel);
        await saves.SaveAsync(user);
        return TypedResults.NoContent();
    }
}
