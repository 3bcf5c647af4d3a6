using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>GET /api/identity/users/{id}</summary>
public static class ReadUser
{
    public static async Task<Results<Ok<UserView>, ProblemHttpResult>> HandleAsync(Guid id, AccountsDbContext db, CancellationToken cancel)
    {
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        return TypedResults.Ok(UserView.Of(user, (await UserView.RolesAsync(db, [id], cancel))[id]));
    }
}
