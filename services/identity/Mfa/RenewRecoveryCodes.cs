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

/// <summary>POST /api/identity/me/mfa/recovery-codes: ten new ones, shown this once; those before are worth nothing any more.</summary>
public static class RenewRecoveryCodes
{
    internal static async Task<Results<Ok<ConfirmMfa.Response>, ProblemHttpResult>> HandleAsync(
        Body<ConfirmMfa.Request> body, ClaimsPrincipal caller, AccountsDbContext db, PasswordCheck check, SecondFactor factor, AccountSaves saves, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { DisabledAt: null, TotpSecret: not null } user)
            return CommonProblems.NotFound.Result();
        if (await check.IsLockedAsync(user) || !await factor.TakeAsync(user, body.Value.Code, cancel))
        {
            await check.CountFailureAsync(user);
            throw new ProblemException(Errors.Of("code", ConfirmMfa.WrongCode.ToString()).Details());
        }
        var codes = await factor.RenewRecoveryCodesAsync(user, cancel);
        await saves.SaveAsync(user);
        return TypedResults.Ok(new ConfirmMfa.Response(codes));
    }
}
