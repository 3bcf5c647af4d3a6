using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Deadlines;

/// <summary>POST /api/task/tasks/{id}/clock/stop: the time of a task stands still, for a reason, until it goes on. Nobody is warned meanwhile, and it can be decided all the same.</summary>
public static class StopClock
{
    public static readonly Problem Stopped = new("clock-stopped", 409, new("The clock of this task stands still already.", "ساعة هذه المهمة متوقفة بالفعل."));

    public sealed record Request([Required, MaxLength(4000)] string Reason);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, TasksDbContext db, TaskClock clock, IOutbox outbox, SweepSignal<WatchDeadlines> watch, CurrentTenant tenant, TimeProvider time,
        CancellationToken cancel)
    {
        if (await db.WorkItems.ForChange(user).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } item)
            return CommonProblems.NotFound.Result();
        if (item.State != WorkItemState.Open)
            return DecideWorkItem.NotOpen.Result();
        if (item.ClockStoppedAt is not null)
            return Stopped.Result();
        var (now, me) = (time.GetUtcNow(), user.UserName());
        db.Add(new ClockStop
        {
            WorkItemId = id, Number = await db.ClockStops.CountAsync(row => row.WorkItemId == id, cancel) + 1, StoppedAt = now, Reason = body.Value.Reason, StoppedBy = me,
        });
        item.StopClock(now);
        await clock.SetAsync(item, cancel);
        outbox.Add(new DeadlineChanged(item.Id, item.LetterId, item.RoutingId, item.Step, "stopped", me, body.Value.Reason, null, now));
        await db.SaveChangesAsync(cancel);
        watch.Set(tenant.Slug);
        return TypedResults.NoContent();
    }

    /// <summary>The tasks whose time a person can change: their own, and, with the permission, those that they are cleared for.</summary>
    public static IQueryable<WorkItem> ForChange(this IQueryable<WorkItem> items, ClaimsPrincipal user)
    {
        var (me, all, clearance) = (user.UserName(), user.Has(Permissions.ChangeDeadlines), user.Clearance());
        return items.Where(item => item.Assignee == me || all && (item.Confidentiality ?? Clearance.Highest) <= clearance);
    }
}
