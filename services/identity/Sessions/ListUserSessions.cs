using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Sessions;

/// <summary>GET /api/identity/users/{id}/sessions: where somebody is signed in.</summary>
public static class ListUserSessions
{
    public static async Task<Results<Ok<Page<ListSessions.Item>>, ProblemHttpResult>> HandleAsync(
        Guid id, ClaimsPrincipal caller, Paging paging, AccountsDbContext db, CancellationToken cancel) =>
        await db.Users.AnyAsync(user => user.Id == id, cancel)
            ? TypedResults.Ok(await ListSessions.OfAsync(id, caller, paging, db, cancel))
            : CommonProblems.NotFound.Result();
}
