using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Sessions;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Passwords;

/// <summary>PUT /api/identity/users/{id}/password: a password for the next sign-in only, which must change it. All sessions of the person end.</summary>
public static class SetUserPassword
{
    public sealed record Request([Required, MaxLength(200)] string Password);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, AccountsDbContext db, NewPassword passwords, AccountSaves saves, UserSessions sessions, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        AccountErrors.ByField(await passwords.SetAsync(user, body.Value.Password)).ThrowIfAny();
        user.MustChangePassword = true;
        await sessions.EndAllAsync(user, null, ChangeOwnPassword.Reason, () => saves.SaveAsync(user), cancel);
        return TypedResults.NoContent();
    }
}
