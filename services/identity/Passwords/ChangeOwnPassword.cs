using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Sessions;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Passwords;

/// <summary>POST /api/identity/me/password: one's own password. All other sessions of the person end; the one that asks goes on.</summary>
public static class ChangeOwnPassword
{
    public const string Reason = "password-changed";
    public static readonly Text Wrong = new("is not your password, or the account is locked for a while", "ليست كلمة مرورك، أو الحساب مقفل مؤقتا");

    public sealed record Request([Required, MaxLength(200)] string CurrentPassword, [Required, MaxLength(200)] string NewPassword);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<Request> body, ClaimsPrincipal caller, AccountsDbContext db, PasswordCheck check, NewPassword passwords, AccountSaves saves, UserSessions sessions, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { DisabledAt: null } user)
            return CommonProblems.NotFound.Result();
        if (!await check.IsRightAsync(user, body.Value.CurrentPassword))
            throw new ProblemException(Errors.Of("currentPassword", Wrong.ToString()).Details());
        AccountErrors.ByField(await passwords.SetAsync(user, body.Value.NewPassword), "newPassword").ThrowIfAny();
        await sessions.EndAllAsync(user, caller.SessionId(), Reason, () => saves.SaveAsync(user), cancel);
        return TypedResults.NoContent();
    }
}
