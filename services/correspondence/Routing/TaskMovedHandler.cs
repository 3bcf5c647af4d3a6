using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Referrals;
using Tarasol.Messaging;

namespace Tarasol.Correspondence.Routing;

/// <summary>Writes into a letter's timeline what happened to a step before its decision: it went to another person, colleagues were asked, its time was changed, somebody was late.</summary>
public sealed class TaskMovedHandler(CorrespondenceDbContext db) : IEventHandler<TaskReassigned>, IEventHandler<TaskTransferred>, IEventHandler<OpinionRequested>, IEventHandler<OpinionGiven>,
    IEventHandler<DeadlineChanged>, IEventHandler<TaskEscalated>
{
    public async Task HandleAsync(TaskReassigned moved, EventEnvelope envelope, CancellationToken cancel)
    {
        if (await ReferralAsync(moved, envelope, cancel))
            return;
        if (await StepAsync(moved.TaskId, moved.LetterId, moved.RoutingId, moved.Step, cancel) is not (var routing, var step))
            return;
        // Events of different kinds overtake each other: the decision may be here already, and whose it is stays; that the task had moved is told all the same.
        if (step.Decision is null)
        {
            step.Assignee = moved.To;
            routing.Version++;
        }
        await WriteAsync(moved.LetterId, moved.RoutingId, moved.Step, TimelineKind.StepReassigned, moved.ReassignedBy, moved.To, moved.Reason, moved.ReassignedAt, cancel);
    }

    public async Task HandleAsync(TaskTransferred moved, EventEnvelope envelope, CancellationToken cancel)
    {
        if (await StepAsync(moved.TaskId, moved.LetterId, moved.RoutingId, moved.Step, cancel) is not (var routing, var step))
            return;
        if (step.Decision is null)
        {
            step.UnitId = moved.ToUnitId;
            // Unless somebody has taken it since.
            if (step.Assignee == moved.From)
                step.Assignee = "";
            routing.Version++;
        }
        await WriteAsync(moved.LetterId, moved.RoutingId, moved.Step, TimelineKind.StepTransferred, moved.TransferredBy, moved.ToUnitId.ToString(), moved.Reason, moved.TransferredAt, cancel);
    }

    public async Task HandleAsync(OpinionRequested asked, EventEnvelope envelope, CancellationToken cancel)
    {
        if (await IsHereAsync(asked.LetterId, asked.RoutingId, cancel))
            await WriteAsync(asked.LetterId, asked.RoutingId, asked.Step, TimelineKind.OpinionAsked, asked.AskedBy, asked.Colleague, asked.Question, asked.RequestedAt, cancel);
    }

    public async Task HandleAsync(OpinionGiven given, EventEnvelope envelope, CancellationToken cancel)
    {
        if (await IsHereAsync(given.LetterId, given.RoutingId, cancel))
            await WriteAsync(given.LetterId, given.RoutingId, given.Step, TimelineKind.OpinionGiven, given.Colleague, given.AskedBy, given.Opinion, given.GivenAt, cancel);
    }

    public async Task HandleAsync(DeadlineChanged changed, EventEnvelope envelope, CancellationToken cancel)
    {
        var kind = changed.Change switch { "stopped" => TimelineKind.DeadlineStopped, "resumed" => TimelineKind.DeadlineResumed, _ => TimelineKind.DeadlineExtended };
        if (await IsHereAsync(changed.LetterId, changed.RoutingId, cancel))
            await WriteAsync(changed.LetterId, changed.RoutingId, changed.Step, kind, changed.ChangedBy, null, changed.Reason, changed.ChangedAt, cancel);
    }

    public async Task HandleAsync(TaskEscalated escalated, EventEnvelope envelope, CancellationToken cancel)
    {
        if (escalated.EscalatedTo is { } head && await IsHereAsync(escalated.LetterId, escalated.RoutingId, cancel))
            await WriteAsync(escalated.LetterId, escalated.RoutingId, escalated.Step, TimelineKind.StepEscalated, envelope.Source, head, null, escalated.EscalatedAt, cancel);
    }

    // The receiver is whoever has the work item. What a person wrote is in no timeline; why the service moved it is.
    private async Task<bool> ReferralAsync(TaskReassigned moved, EventEnvelope envelope, CancellationToken cancel)
    {
        if (moved.TaskId != OpenTask.TaskId(moved.RoutingId, 1)
            || await db.Referrals.FirstOrDefaultAsync(row => row.Id == moved.RoutingId && row.LetterId == moved.LetterId, cancel) is not { } referral)
            return false;
        if (ReferralRules.IsOpen(referral.State) && referral.Receiver != moved.To)
        {
            referral.GoTo(moved.To, moved.ReassignedAt);
            var letter = await db.Letters.FirstAsync(row => row.Id == moved.LetterId, cancel);
            var entry = referral.Told(letter, TimelineKind.ReferralReassigned, moved.ReassignedBy, moved.To, moved.ReassignedAt);
            entry.Comment = moved.ReassignedBy == envelope.Source ? moved.Reason : null;
            db.Add(entry);
        }
        return true;
    }

    private async Task<(LetterRouting Routing, RoutingStep Step)?> StepAsync(Guid taskId, Guid letterId, Guid routingId, int number, CancellationToken cancel)
    {
        var routing = await db.Routings.Include(row => row.Steps).FirstOrDefaultAsync(row => row.Id == routingId && row.LetterId == letterId, cancel);
        return routing?.Steps.FirstOrDefault(each => each.Number == number) is { } step && OpenTask.TaskId(routing.Id, step.Number) == taskId ? (routing, step) : null;
    }

    private Task<bool> IsHereAsync(Guid letterId, Guid routingId, CancellationToken cancel) => db.Routings.AnyAsync(row => row.Id == routingId && row.LetterId == letterId, cancel);

    private async Task WriteAsync(
        Guid letterId, Guid routingId, int step, TimelineKind kind, string actor, string? target, string? comment, DateTimeOffset at, CancellationToken cancel)
    {
        var letter = await db.Letters.FirstAsync(row => row.Id == letterId, cancel);
        var entry = letter.Record(kind, actor, at);
        entry.RoutingId = routingId;
        entry.Step = step;
        entry.Target = target;
        entry.Comment = comment;
        db.Add(entry);
    }
}
