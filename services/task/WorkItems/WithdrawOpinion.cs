using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.WorkItems;

/// <summary>DELETE /api/task/tasks/{id}/opinions/{opinionId}: the assignee does not wait for the answer any more. To repeat it is harmless; one that was given stays.</summary>
public static class WithdrawOpinion
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, Guid opinionId, ClaimsPrincipal user, TasksDbContext db, CancellationToken cancel)
    {
        var me = user.UserName();
        if (await db.WorkItems.FirstOrDefaultAsync(row => row.Id == id && row.Assignee == me, cancel) is not { } item
            || await db.WorkItems.FirstOrDefaultAsync(row => row.Id == opinionId && row.ParentId == id, cancel) is not { } opinion)
            return CommonProblems.NotFound.Result();
        if (opinion.State == WorkItemState.Cancelled)
            return TypedResults.NoContent();
        if (opinion.State == WorkItemState.Decided)
            return DecideWorkItem.NotOpen.Result();
        opinion.State = WorkItemState.Cancelled;
        opinion.Version++;
        item.AwaitOpinions(-1);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
