using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.Inbox;

/// <summary>GET /api/task/inbox/next: the task with the most points of those to do, and what the points are for; 204 when there is nothing to do.</summary>
public static class NextInInbox
{
    public sealed record Why(string What, int Points);

    public sealed record Response(InboxItem Task, IReadOnlyList<Why> Why);

    public static async Task<Results<Ok<Response>, NoContent>> HandleAsync(ClaimsPrincipal user, TasksDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var next = await db.WorkItems.AsNoTracking().Of(InboxView.ToDo, new(user.UserName(), null, [], user.Clearance()), now)
            .OrderBy(item => item.RankAt).ThenBy(item => item.Position).FirstOrDefaultAsync(cancel);
        if (next is null)
            return TypedResults.NoContent();
        var (urgency, kind) = (Priority.Of(next.Urgency), Priority.Of(next.Kind));
        return TypedResults.Ok(new Response(InboxItem.Of(next, now),
        [
            new("due-time", Priority.Points(next.RankAt, now) - urgency - kind), new($"urgency-{WireEnum.Name(next.Urgency)}", urgency), new($"kind-{WireEnum.Name(next.Kind)}", kind),
        ]));
    }
}
