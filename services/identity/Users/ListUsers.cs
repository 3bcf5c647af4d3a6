using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Users;

/// <summary>GET /api/identity/users</summary>
public static class ListUsers
{
    public static async Task<Ok<Page<UserView>>> HandleAsync(Paging paging, AccountsDbContext db, CancellationToken cancel)
    {
        var rows = await db.Users.AsNoTracking()
            .Where(user => paging.After == null || user.Id > paging.After)
            .OrderBy(user => user.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        var roles = await UserView.RolesAsync(db, [.. rows.Select(user => user.Id)], cancel);
        return TypedResults.Ok(paging.Page(rows, user => user.Id, user => UserView.Of(user, roles[user.Id])));
    }
}
