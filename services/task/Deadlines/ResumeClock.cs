using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Deadlines;

/// <summary>POST /api/task/tasks/{id}/clock/resume: the time of a task goes on, and it is due so much later. To repeat it is harmless.</summary>
public static class ResumeClock
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, ClaimsPrincipal user, TasksDbContext db, TaskClock clock, IOutbox outbox, SweepSignal<WatchDeadlines> watch, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        if (await db.WorkItems.ForChange(user).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } item)
            return CommonProblems.NotFound.Result();
        if (item.State != WorkItemState.Open)
            return DecideWorkItem.NotOpen.Result();
        if (await db.ClockStops.FirstOrDefaultAsync(row => row.WorkItemId == id && row.ResumedAt == null, cancel) is not { } stop)
            return TypedResults.NoContent();
        var now = time.GetUtcNow();
        stop.ResumedAt = now;
        item.StopClock(null);
        await clock.SetAsync(item, cancel);
        outbox.Add(new DeadlineChanged(item.Id, item.LetterId, item.RoutingId, item.Step, "resumed", user.UserName(), null, item.DueAt, now));
        await db.SaveChangesAsync(cancel);
        watch.Set(tenant.Slug);
        return TypedResults.NoContent();
    }
}
