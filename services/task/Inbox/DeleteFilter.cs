using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.Inbox;

/// <summary>DELETE /api/task/inbox/filters/{id}</summary>
public static class DeleteFilter
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, TasksDbContext db, CancellationToken cancel)
    {
        var me = user.UserId();
        return await db.InboxFilters.Where(row => row.Id == id && row.UserId == me).ExecuteDeleteAsync(cancel) == 1 ? TypedResults.NoContent() : CommonProblems.NotFound.Result();
    }
}
