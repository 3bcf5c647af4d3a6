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
using Tarasol.Tasks.People;

namespace Tarasol.Tasks.WorkItems;

/// <summary>POST /api/task/tasks/{id}/reassign: somebody else is to act. The assignee gives their own task away; whoever may reassign gives away any that they are cleared for.</summary>
public static class ReassignWorkItem
{
    private static readonly Text NoSuchUser = new("is not a user of this organisation", "ليس مستخدما في هذه الجهة");
    private static readonly Text NotCleared = new("is not cleared for this letter", "ليس لديه تصريح بالاطلاع على هذا الخطاب");
    private static readonly Text HasIt = new("has this task already", "لديه هذه المهمة بالفعل");

    public sealed record Request([Required, MaxLength(256)] string Assignee, [Required, MaxLength(4000)] string Reason);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, KnownPersons persons, TasksDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var (me, all, clearance) = (user.UserName(), user.Has(Permissions.ReassignTask), user.Clearance());
        if (await db.WorkItems.FirstOrDefaultAsync(row => row.Id == id && (row.Assignee == me || all && (row.Confidentiality ?? WorkItems.Clearance.Highest) <= clearance), cancel) is not { } item)
            return CommonProblems.NotFound.Result();
        if (item.State != WorkItemState.Open)
            return DecideWorkItem.NotOpen.Result();
        var person = await persons.FindAsync(request.Assignee, cancel);
        if (person is null)
            Errors.Of("assignee", NoSuchUser.ToString()).ThrowIfAny();
        if (!Clearance.Covers(person!, item))
            Errors.Of("assignee", NotCleared.ToString()).ThrowIfAny();
        if (person!.UserName == item.Assignee)
            Errors.Of("assignee", HasIt.ToString()).ThrowIfAny();

        var from = item.Assignee;
        item.GiveTo(person.UserName);
        item.HeadOf = null;
        outbox.Add(new TaskReassigned(item.Id, item.LetterId, item.RoutingId, item.Step, from, item.Assignee, me, request.Reason, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
