using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Mfa;

/// <summary>GET /api/identity/me/mfa: whether one has a second factor, and needs one.</summary>
public static class ReadMfa
{
    public sealed record Response(bool Enabled, bool Required, int RecoveryCodesLeft);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(ClaimsPrincipal caller, AccountsDbContext db, SecondFactor factor, CancellationToken cancel)
    {
        var id = caller.UserId();
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        return TypedResults.Ok(new Response(user.TotpSecret is not null, await factor.IsRequiredAsync(id, cancel), await db.RecoveryCodes.CountAsync(known => known.UserId == id, cancel)));
    }
}
