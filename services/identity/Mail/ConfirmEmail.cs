using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Mail;

/// <summary>POST /connect/confirm: the token of the mail makes the address that it was sent to the account's.</summary>
public static class ConfirmEmail
{
    public sealed record Request([Required, MaxLength(100)] string Token);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<Request> body, AccountsDbContext db, MailedTokens tokens, ILookupNormalizer names, AccountSaves saves, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await tokens.TakeAsync(body.Value.Token, MailedTokens.Confirm, cancel) is not { } taken)
            return ResetPassword.BadToken.Result();
        (taken.User.Email, taken.User.NormalizedEmail, taken.User.EmailConfirmed) = (taken.Email, names.NormalizeEmail(taken.Email), true);
        await saves.SaveAsync(taken.User);
        await transaction.CommitAsync(cancel);
        return TypedResults.NoContent();
    }
}
