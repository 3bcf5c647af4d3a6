using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>GET /internal/users/by-name/{userName}: other services check a person and learn what they may see. Who is disabled can be given no work.</summary>
public static class FindUserByName
{
    public sealed record Response(Guid Id, string UserName, string DisplayNameAr, string DisplayNameEn, int Clearance, Guid? UnitId, IReadOnlyList<string> Roles);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        string userName, AccountsDbContext db, ILookupNormalizer names, CancellationToken cancel)
    {
        var normalized = names.NormalizeName(userName);
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.NormalizedUserName == normalized && user.DisabledAt == null, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        var roles = await UserView.RolesAsync(db, [user.Id], cancel);
        return TypedResults.Ok(new Response(user.Id, user.UserName!, user.DisplayNameAr, user.DisplayNameEn, user.Clearance, user.UnitId, [.. roles[user.Id]]));
    }
}
