using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Inbox;

/// <summary>GET /api/task/inbox/filters: the caller's own.</summary>
public static class ListFilters
{
    public sealed record Item(Guid Id, string Name, InboxView View, WorkItemKind? Kind, Urgency? Urgency);

    public static async Task<Ok<Page<Item>>> HandleAsync(Paging paging, ClaimsPrincipal user, TasksDbContext db, CancellationToken cancel)
    {
        var me = user.UserId();
        var rows = await db.InboxFilters.AsNoTracking().Where(row => row.UserId == me && (paging.After == null || row.Id > paging.After)).OrderBy(row => row.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, row => row.Id, row => new Item(row.Id, row.Name, row.View, row.Kind, row.Urgency)));
    }
}
