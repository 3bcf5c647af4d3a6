using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Identity.Data;
using Tarasol.Identity.Passwords;
using Tarasol.Identity.Sessions;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Mail;

/// <summary>POST /connect/reset: a new password with the token of the mail. All sessions end; a second factor stays.</summary>
public static class ResetPassword
{
    public static readonly Problem BadToken = new("token-not-valid", 400,
        new("The link is not valid any more; ask for a new one.", "الرابط لم يعد صالحا؛ اطلب رابطا جديدا."));

    public sealed record Request([Required, MaxLength(100)] string Token, [Required, MaxLength(200)] string NewPassword);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<Request> body, AccountsDbContext db, MailedTokens tokens, NewPassword passwords, AccountSaves saves, UserSessions sessions,
        CancellationToken cancel)
    {
        // A password that breaks a rule does not use the token up: the transaction ends without it.
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            if (await tokens.TakeAsync(body.Value.Token, MailedTokens.Reset, cancel) is not { } taken)
                return BadToken.Result();
            var user = taken.User;
            AccountErrors.ByField(await passwords.SetAsync(user, body.Value.NewPassword), "newPassword").ThrowIfAny();
            user.LockoutEnd = null;
            user.AccessFailedCount = 0;
            await sessions.EndAllWithinAsync(user, null, ChangeOwnPassword.Reason, () => saves.SaveAsync(user), cancel);
            await transaction.CommitAsync(cancel);
        }
        return TypedResults.NoContent();
    }
}
