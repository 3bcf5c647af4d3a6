using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Deadlines;

/// <summary>GET /api/task/tasks/{id}/deadline: when a task is due, and every day and act that this follows from, with the calendar and the policy.</summary>
public static class ReadDeadline
{
    public sealed record Response(DateTimeOffset? DueAt, DateTimeOffset? StoppedAt, DateTimeOffset? WarnedAt, IReadOnlyList<Why> Why);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, TasksDbContext db, TaskClock clock, Calendars calendars, CancellationToken cancel)
    {
        if (await db.WorkItems.AsNoTracking().ForChange(user).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } item)
            return CommonProblems.NotFound.Result();
        var deadline = await clock.OfAsync(item, cancel);
        // What is kept is what counts: the calendar may have changed since.
        var due = item.ClockStoppedAt is null ? (DateTimeOffset?)item.DueAt : null;
        return TypedResults.Ok(new Response(due, item.ClockStoppedAt, due is { } at ? (await calendars.PolicyAsync(cancel)).At(0, item.OpenedAt, at) : null, deadline.Why));
    }
}
