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

/// <summary>POST /api/identity/me/mfa/totp/confirm: a code of the app makes it the second factor. The answer shows the recovery codes, this once.</summary>
public static class ConfirmMfa
{
    public static readonly Text WrongCode = new("is not the code that the app shows now, or was used before", "ليس الرمز الذي يظهره التطبيق الآن، أو سبق استخدامه");

    public sealed record Request([Required, MaxLength(64)] string Code);

    public sealed record Response(IReadOnlyList<string> RecoveryCodes);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, ClaimsPrincipal caller, AccountsDbContext db, PasswordCheck check, SecondFactor factor, AccountSaves saves, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { DisabledAt: null } user)
            return CommonProblems.NotFound.Result();
        if (!factor.Confirm(user, body.Value.Code))
        {
            await check.CountFailureAsync(user);
            throw new ProblemException(Errors.Of("code", WrongCode.ToString()).Details());
        }
        var codes = await factor.RenewRecoveryCodesAsync(user, cancel);
        await saves.SaveAsync(user);
        return TypedResults.Ok(new Response(codes));
    }
}
