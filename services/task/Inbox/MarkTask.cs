using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Inbox;

/// <summary>PUT /api/task/tasks/{id}/marks: the assignee's own marks: looked at or not, and when to come back to it. What is left out is taken away.</summary>
public static class MarkTask
{
    public sealed record Request(bool Unread = false, DateTimeOffset? FollowUpAt = null);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, Body<Request> body, ClaimsPrincipal user, TasksDbContext db, CancellationToken cancel)
    {
        var me = user.UserName();
        var (reading, at) = (body.Value.Unread ? ReadState.Unread : ReadState.Read, body.Value.FollowUpAt?.ToUniversalTime());
        // Not a change of the task: its version stays, so that a decision at the same moment is not refused.
        return await db.WorkItems.Where(item => item.Id == id && item.Assignee == me)
            .ExecuteUpdateAsync(set => set.SetProperty(item => item.Reading, reading).SetProperty(item => item.FollowUpAt, at), cancel) == 1
            ? TypedResults.NoContent()
            : CommonProblems.NotFound.Result();
    }
}
