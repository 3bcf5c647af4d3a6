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

/// <summary>POST /api/task/tasks/{id}/extension: more time, in working days or hours, for a reason. What was told of the old due time is told anew of the new one.</summary>
public static class ExtendDeadline
{
    private const string Operation = "extend-deadline";
    private static readonly Text One = new("give workingDays or hours, one of them", "أعط workingDays أو hours، أحدهما فقط");

    public sealed record Request([Required, MaxLength(4000)] string Reason, [Range(1, 365)] int? WorkingDays = null, [Range(1, 8760)] int? Hours = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (WorkingDays is null == Hours is null)
                errors.Add("workingDays", One);
        }
    }

    public sealed record Response(DateTimeOffset DueAt);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, TasksDbContext db, TaskClock clock, IOutbox outbox, SweepSignal<WatchDeadlines> watch, CurrentTenant tenant,
        TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        if (await db.WorkItems.ForChange(user).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } item)
            return CommonProblems.NotFound.Result();
        var (operation, hash) = ($"{Operation} {id}", IdempotencyKey.HashOf(request));
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), operation, hash, cancel) is not null)
            return TypedResults.Ok(new Response(item.DueAt));
        if (item.State != WorkItemState.Open)
            return DecideWorkItem.NotOpen.Result();
        if (item.ClockStoppedAt is not null)
            return StopClock.Stopped.Result();
        var (now, me) = (time.GetUtcNow(), user.UserName());
        db.Add(new DeadlineExtension
        {
            WorkItemId = id,
            Number = await db.DeadlineExtensions.CountAsync(row => row.WorkItemId == id, cancel) + 1,
            WorkingDays = request.WorkingDays,
            Hours = request.Hours,
            Reason = request.Reason,
            ExtendedBy = me,
            ExtendedAt = now,
        });
        await clock.SetAsync(item, cancel);
        item.AlarmStage = 0;
        db.RequestKeys.Remember(key, user.UserId(), operation, hash, id, now);
        outbox.Add(new DeadlineChanged(item.Id, item.LetterId, item.RoutingId, item.Step, "extended", me, request.Reason, item.DueAt, now));
        await db.SaveChangesAsync(cancel);
        watch.Set(tenant.Slug);
        return TypedResults.Ok(new Response(item.DueAt));
    }
}
