using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Passwords;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Mail;

/// <summary>POST /api/identity/me/email: a mail goes to the address; the token in it makes the address one's own. Until then the one before stays.</summary>
public static class SetOwnEmail
{
    public sealed record Request([Required, MaxLength(256), RegularExpression("^[^@\\s]+@[^@\\s]+$")] string Email, [Required, MaxLength(200)] string Password);

    internal static async Task<Results<Accepted, ProblemHttpResult>> HandleAsync(
        Body<Request> body, ClaimsPrincipal caller, AccountsDbContext db, PasswordCheck check, MailedTokens tokens, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { DisabledAt: null } user)
            return CommonProblems.NotFound.Result();
        if (!await check.IsRightAsync(user, body.Value.Password))
            throw new ProblemException(Errors.Of("password", ChangeOwnPassword.Wrong.ToString()).Details());
        await tokens.SendAsync(user, MailedTokens.Confirm, body.Value.Email, cancel);
        await db.SaveChangesAsync(cancel);
        return TypedResults.Accepted((string?)null);
    }
}
