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

/// <summary>POST /api/identity/me/mfa/totp/remove: with a code, and only where no role asks for a second factor.</summary>
public static class RemoveOwnMfa
{
    public static readonly Problem Needed = new("mfa-required", 409, new("A role of yours needs the second factor.", "أحد أدوارك يتطلب العامل الثاني."));

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<ConfirmMfa.Request> body, ClaimsPrincipal caller, AccountsDbContext db, PasswordCheck check, SecondFactor factor, AccountSaves saves, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { DisabledAt: null, TotpSecret: not null } user)
            return CommonProblems.NotFound.Result();
        if (await factor.IsRequiredAsync(id, cancel))
            return Needed.Result();
        if (await check.IsLockedAsync(user) || !await factor.TakeAsync(user, body.Value.Code, cancel))
        {
            await check.CountFailureAsync(user);
            throw new ProblemException(Errors.Of("code", ConfirmMfa.WrongCode.ToString()).Details());
        }
        await factor.RemoveAsync(user, cancel);
        await saves.SaveAsync(user);
        return TypedResults.NoContent();
    }
}
