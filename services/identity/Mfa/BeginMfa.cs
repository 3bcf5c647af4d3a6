using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Passwords;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Mfa;

/// <summary>POST /api/identity/me/mfa/totp: a secret for one's authenticator app. It counts once a code of the app has confirmed it.</summary>
public static class BeginMfa
{
    public static readonly Problem AlreadyThere = new("mfa-already-enabled", 409,
        new("There is a second factor already; remove it first.", "العامل الثاني مفعّل بالفعل؛ أزله أولا."));

    public sealed record Request([Required, MaxLength(200)] string Password);

    internal static async Task<Results<Ok<Enrolment>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, ClaimsPrincipal caller, AccountsDbContext db, PasswordCheck check, SecondFactor factor, AccountSaves saves, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { DisabledAt: null } user)
            return CommonProblems.NotFound.Result();
        if (user.TotpSecret is not null)
            return AlreadyThere.Result();
        if (!await check.IsRightAsync(user, body.Value.Password))
            throw new ProblemException(Errors.Of("password", ChangeOwnPassword.Wrong.ToString()).Details());
        var enrolment = factor.Begin(user);
        await saves.SaveAsync(user);
        return TypedResults.Ok(enrolment);
    }
}
