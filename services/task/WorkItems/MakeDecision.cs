using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Deadlines;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.WorkItems;

/// <summary>A person decides one task, once; alone or as one of many.</summary>
public sealed class MakeDecision(TasksDbContext db, IOutbox outbox, SweepSignal<WatchDeadlines> watch, CurrentTenant tenant, TimeProvider time)
{
    public static readonly Problem OpinionPending = new("opinion-pending", 409, new(
        "A colleague was asked for an opinion, which is still awaited; withdraw the question to decide without it.", "سُئل زميل عن رأيه ولم يجب بعد؛ اسحب السؤال للبت دون انتظاره."));

    private const int MostAttempts = 5;
    private static readonly Text NotAllowed = new("must be one of: {0}", "يجب أن يكون واحدا من: {0}");
    private static readonly Text NoSuchStep = new("is not a step that this letter can be returned to", "ليست خطوة يمكن إعادة الخطاب إليها");

    /// <summary>Saves the decision. Null: done, now or by the same request before; else why not. A task of somebody else does not exist.</summary>
    public async Task<Refusal?> RunAsync(Guid id, DecideWorkItem.Request request, string me, IdempotencyKey key, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryAsync(id, request, me, key, cancel);
            }
            catch (DbUpdateConcurrencyException) when (attempt < MostAttempts)
            {
                // Something happened to the task at the same time: it was decided, or given to somebody, or an opinion came. Whatever it is now counts.
                db.ChangeTracker.Clear();
            }
        }
    }

    private async Task<Refusal?> TryAsync(Guid id, DecideWorkItem.Request request, string me, IdempotencyKey key, CancellationToken cancel)
    {
        if (await db.WorkItems.FirstOrDefaultAsync(row => row.Id == id && row.Assignee == me, cancel) is not { } item)
            return new(CommonProblems.NotFound.Details());
        if (item.State != WorkItemState.Open)
            return Late(item);
        if (Wrong(item, request) is { Any: true } errors)
            return new(errors.Details());
        if (item.PendingOpinions > 0)
            return new(OpinionPending.Details());

        item.State = WorkItemState.Decided;
        item.Decision = request.Decision;
        item.DecidedBy = me;
        item.Comment = request.Comment;
        item.DecidedAt = time.GetUtcNow();
        item.DecisionKey = key.Value;
        item.Reading = ReadState.Read;
        item.Version++;
        item.WakeWatch();
        if (item.Kind == WorkItemKind.Opinion)
            await GiveOpinionAsync(item, me, cancel);
        else if (item.Kind != WorkItemKind.Escalation)
            outbox.Add(new TaskDecided(
                item.Id, item.LetterId, item.RoutingId, item.Step, WireEnum.Name(request.Decision), me, request.Comment, item.DecidedAt.Value,
                request.Decision == Decision.Return ? request.ReturnTo : null, item.OnBehalfOf));
        await db.SaveChangesAsync(cancel);
        watch.Set(tenant.Slug);
        return null;

        Refusal? Late(WorkItem there)
        {
            if (key.Value is null || there.DecisionKey != key.Value)
                return new(DecideWorkItem.NotOpen.Details());
            return there.Decision == request.Decision && there.Comment == request.Comment ? null : new(IdempotencyKey.Reused.Details());
        }
    }

    private static Errors Wrong(WorkItem item, DecideWorkItem.Request request)
    {
        var errors = new Errors();
        var allowed = AllowedDecisions.Of(item);
        if (!allowed.Contains(request.Decision))
            errors.Add("decision", NotAllowed.With(string.Join(", ", allowed.Select(WireEnum.Name))));
        if (request is { Decision: Decision.Return, ReturnTo: { } step } && !item.ReturnKeys.Contains(step))
            errors.Add("returnTo", NoSuchStep);
        return errors;
    }

    private async Task GiveOpinionAsync(WorkItem opinion, string me, CancellationToken cancel)
    {
        var parent = await db.WorkItems.FirstAsync(row => row.Id == opinion.ParentId, cancel);
        parent.AwaitOpinions(-1);
        parent.Reading = ReadState.Unread;
        outbox.Add(new OpinionGiven(opinion.Id, parent.Id, opinion.LetterId, opinion.RoutingId, opinion.Step, opinion.AskedBy!, me, opinion.Comment!, opinion.DecidedAt!.Value));
    }
}

/// <summary>Why a decision was not taken.</summary>
public sealed record Refusal(Microsoft.AspNetCore.Mvc.ProblemDetails Details);
