using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Inbox;
using Tarasol.Tasks.People;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.WorkItems;

/// <summary>POST /api/task/tasks/{id}/opinions: the assignee asks a colleague what they think, and waits: the task cannot be decided until the answer is there or the question is withdrawn.</summary>
public static class AskOpinion
{
    private static readonly Text NoSuchUser = new("is not a user of this organisation", "ليس مستخدما في هذه الجهة");
    private static readonly Text NotCleared = new("is not cleared for this letter", "ليس لديه تصريح بالاطلاع على هذا الخطاب");
    private static readonly Text NotSelf = new("must be somebody else", "يجب أن يكون شخصا آخر");

    public sealed record Request([Required, MaxLength(256)] string Colleague, [Required, MaxLength(4000)] string Question);

    public sealed record Response(Guid Id);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, KnownPersons persons, TasksDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var me = user.UserName();
        if (await db.WorkItems.FirstOrDefaultAsync(row => row.Id == id && row.Assignee == me, cancel) is not { } item)
            return CommonProblems.NotFound.Result();
        var operation = $"ask-opinion {id}";
        var hash = IdempotencyKey.HashOf(request);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), operation, hash, cancel) is { } before)
            return Answer(before);
        // An opinion on an opinion would wait for ever longer chains.
        if (item.State != WorkItemState.Open || item.Kind is WorkItemKind.Opinion or WorkItemKind.Referral)
            return DecideWorkItem.NotOpen.Result();
        if (await persons.FindAsync(request.Colleague, cancel) is not { } colleague)
            throw new ProblemException(Errors.Of("colleague", NoSuchUser.ToString()).Details());
        if (!Clearance.Covers(colleague, item))
            throw new ProblemException(Errors.Of("colleague", NotCleared.ToString()).Details());
        if (colleague.UserName == me)
            throw new ProblemException(Errors.Of("colleague", NotSelf.ToString()).Details());

        var now = time.GetUtcNow();
        var opinion = new WorkItem
        {
            Id = SortableId.Next(now),
            Position = SortableId.Next(now),
            Kind = WorkItemKind.Opinion,
            LetterId = item.LetterId,
            RoutingId = item.RoutingId,
            Step = item.Step,
            Assignee = colleague.UserName,
            Confidentiality = item.Confidentiality,
            Urgency = item.Urgency,
            Subject = item.Subject,
            DueAt = item.DueAt,
            RankAt = Priority.RankAt(item.DueAt, item.Urgency, WorkItemKind.Opinion),
            OpenedAt = now,
            ParentId = item.Id,
            Question = request.Question,
            AskedBy = me,
            CanReturn = false,
        };
        db.Add(opinion);
        item.AwaitOpinions(1);
        db.RequestKeys.Remember(key, user.UserId(), operation, hash, opinion.Id, now);
        outbox.Add(new OpinionRequested(opinion.Id, item.Id, item.LetterId, item.RoutingId, item.Step, me, colleague.UserName, request.Question, now));
        await db.SaveChangesAsync(cancel);
        return Answer(opinion.Id);

        Created<Response> Answer(Guid made) => TypedResults.Created($"/api/task/tasks/{made}", new Response(made));
    }
}
