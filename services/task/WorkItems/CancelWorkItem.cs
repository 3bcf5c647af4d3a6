using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.WorkItems;

/// <summary>POST /internal/tasks/{taskId}/cancel: nobody needs to act any more, nor to say what they think for it. A repeat is harmless; a decided task stays decided (409).</summary>
public static class CancelWorkItem
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, TasksDbContext db, CancellationToken cancel)
    {
        var changed = await db.WorkItems.Where(item => (item.Id == id || item.ParentId == id) && item.State == WorkItemState.Open)
            .ExecuteUpdateAsync(set => set
                .SetProperty(item => item.State, WorkItemState.Cancelled)
                .SetProperty(item => item.Watch, item => item.Watch == DeadlineWatch.Running ? DeadlineWatch.Changed : item.Watch)
                .SetProperty(item => item.Version, item => item.Version + 1), cancel);
        if (changed >= 1)
            return TypedResults.NoContent();
        var state = await db.WorkItems.Where(item => item.Id == id).Select(item => (WorkItemState?)item.State).FirstOrDefaultAsync(cancel);
        return state switch
        {
            null => CommonProblems.NotFound.Result(),
            WorkItemState.Cancelled => TypedResults.NoContent(),
            _ => DecideWorkItem.NotOpen.Result(),
        };
    }
}
