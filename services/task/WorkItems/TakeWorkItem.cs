using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.People;

namespace Tarasol.Tasks.WorkItems;

/// <summary>POST /api/task/tasks/{id}/take: one of a unit takes what was offered to the unit; the first one has it. To repeat it is harmless.</summary>
public static class TakeWorkItem
{
    public static readonly Problem Taken = new("task-taken", 409, new("Somebody else has taken this task.", "أخذ شخص آخر هذه المهمة."));

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, ClaimsPrincipal user, KnownPersons persons, TasksDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var me = user.UserName();
        if (await persons.FindAsync(me, cancel) is not { UnitId: { } unit } person
            || await db.WorkItems.FirstOrDefaultAsync(row => row.Id == id && row.UnitId == unit, cancel) is not { } item
            || (item.Confidentiality ?? Clearance.Highest) > user.Clearance() || item.Role is { } role && !person.HasRole(role))
            return CommonProblems.NotFound.Result();
        if (item.State != WorkItemState.Open)
            return DecideWorkItem.NotOpen.Result();
        if (item.Assignee == me)
            return TypedResults.NoContent();
        if (item.Assignee.Length > 0)
            return Taken.Result();

        item.GiveTo(me);
        item.Reading = ReadState.Read;
        outbox.Add(new TaskReassigned(item.Id, item.LetterId, item.RoutingId, item.Step, null, me, me, null, time.GetUtcNow()));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Taken.Result();
        }
        return TypedResults.NoContent();
    }
}
