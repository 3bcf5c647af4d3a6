using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;

namespace Tarasol.Identity.Users;

/// <summary>GET /internal/users/of-unit/{unitId}: who works in a unit, with their roles and what they may see. Who is disabled is not there.</summary>
public static class FindUsersOfUnit
{
    public sealed record Item(string UserName, int Clearance, IReadOnlyList<string> Roles);

    public static async Task<Ok<IReadOnlyList<Item>>> HandleAsync(Guid unitId, AccountsDbContext db, CancellationToken cancel)
    {
        var users = await db.Users.AsNoTracking().Where(user => user.UnitId == unitId && user.DisabledAt == null && user.RemovedAt == null).OrderBy(user => user.UserName).ToListAsync(cancel);
        var roles = await UserView.RolesAsync(db, [.. users.Select(user => user.Id)], cancel);
        return TypedResults.Ok<IReadOnlyList<Item>>([.. users.Select(user => new Item(user.UserName!, user.Clearance, [.. roles[user.Id]]))]);
    }
}
