using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.WorkItems;

/// <summary>GET /api/task/tasks?state=: the caller's own tasks, newest first.</summary>
public static class ListWorkItems
{
    public sealed record Item(Guid Id, WorkItemKind Kind, Guid LetterId, string Subject, DateTimeOffset DueAt, WorkItemState State);

    public static async Task<Ok<Page<Item>>> HandleAsync(string? state, Paging paging, ClaimsPrincipal user, TasksDbContext db, CancellationToken cancel)
    {
        var errors = new Errors();
        var wanted = WireEnum.Query<WorkItemState>(state, "state", errors);
        errors.ThrowIfAny();
        var me = user.UserName();
        var rows = await db.WorkItems.AsNoTracking()
            .Where(item => item.Assignee == me && (wanted == null || item.State == wanted))
            .Where(item => paging.After == null || item.Position < paging.After)
            .OrderByDescending(item => item.Position).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, item => item.Position, item => new Item(item.Id, item.Kind, item.LetterId, item.Subject, item.DueAt, item.State)));
    }
}
