using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Deadlines;
using Tarasol.Tasks.Delegations;
using Tarasol.Tasks.Inbox;
using Tarasol.Tasks.Transfers;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.WorkItems;

/// <summary>POST /internal/tasks: another service asks a person, or the people of a unit, to act. A repeat with the same taskId changes nothing; the first one's content stays.</summary>
public static class OpenWorkItem
{
    public static readonly Problem IdTaken = new("task-id-taken", 409, new("There is a task of another letter or step with the id {0}.", "توجد مهمة لخطاب آخر أو خطوة أخرى بالمعرف {0}."));

    private static readonly Text Needed = new("is required unless it is offered to a unit", "مطلوب ما لم تُعرض المهمة على وحدة");

    public sealed record Request(
        Guid TaskId,
        WorkItemKind Kind,
        Guid LetterId,
        Guid RoutingId,
        [Range(1, int.MaxValue)] int Step,
        [MaxLength(256)] string Assignee,
        [Required, MaxLength(500)] string Subject,
        DateTimeOffset DueAt,
        Guid? UnitId = null,
        [MaxLength(100)] string? Role = null,
        [Range(0, 3)] int? Confidentiality = null,
        Urgency? Urgency = null,
        bool CanReturn = true,
        [MaxLength(30)] IReadOnlyList<string>? ReturnTo = null,
        [MaxLength(4000)] string? Question = null,
        [MaxLength(256)] string? AskedBy = null,
        [Range(1, 3650)] int? DueInDays = null,
        Guid? LetterUnitId = null,
        [MaxLength(40)] string? LetterUnitCode = null,
        [MaxLength(100)] string? LetterType = null,
        Guid? HeadOfUnitId = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (string.IsNullOrWhiteSpace(Assignee) && UnitId is null)
                errors.Add("assignee", Needed);
        }
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Body<Request> body, TasksDbContext db, IOutbox outbox, Calendars calendars, Delegates delegates, MoveWorkOf move, SweepSignal<WatchDeadlines> watch, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        if (await FindAsync() is { } known)
            return Same(known);

        var now = time.GetUtcNow();
        // Of working days the calendar is here.
        var due = request.DueInDays is { } days ? DeadlineCalculator.Of(now, Allowance.Days(days), (await calendars.OfAsync(request.LetterUnitCode, cancel)).Calendar, []).DueAt!.Value : request.DueAt;
        var urgency = request.Urgency ?? Urgency.Normal;
        var item = new WorkItem
        {
            Id = request.TaskId,
            Position = SortableId.Next(now),
            Kind = request.Kind,
            LetterId = request.LetterId,
            RoutingId = request.RoutingId,
            Step = request.Step,
            Assignee = request.Assignee,
            UnitId = request.UnitId is { } offered ? await db.InChargeOfAsync(offered, cancel) : null,
            HeadOf = request.HeadOfUnitId,
            LetterUnitId = request.LetterUnitId,
            LetterType = request.LetterType,
            Role = request.Role,
            Confidentiality = request.Confidentiality,
            Urgency = urgency,
            Subject = request.Subject,
            DueAt = due,
            RankAt = Priority.RankAt(due, urgency, request.Kind),
            CalendarUnit = request.LetterUnitCode,
            AllowedDays = request.DueInDays,
            AllowedSeconds = request.DueInDays is null ? (long)(due - now).TotalSeconds : null,
            OpenedAt = now,
            State = WorkItemState.Open,
            CanReturn = request.CanReturn,
            ReturnTo = request.ReturnTo is { Count: > 0 } keys ? string.Join(' ', keys) : null,
            Question = request.Question,
            AskedBy = request.AskedBy,
        };
        db.Add(item);
        // Somebody may have the person's work for the time being.
        if (item.Assignee.Length > 0 && await delegates.OfAsync(item.Assignee, item.Kind, request.LetterUnitId, request.LetterType, item.Confidentiality, now, cancel) is { } other)
            item.GiveTo(other, request.Assignee);
        if (item.Assignee.Length > 0)
            outbox.Add(new TaskOpened(item.Id, WireEnum.Name(item.Kind), item.LetterId, item.RoutingId, item.Step, item.Assignee, item.DueAt, now, item.OnBehalfOf));
        else
            outbox.Add(new TaskOffered(item.Id, WireEnum.Name(item.Kind), item.LetterId, item.RoutingId, item.Step, item.UnitId!.Value, item.Role, item.DueAt, now));
        await move.CheckAsync(item, cancel);
        try
        {
            await db.SaveChangesAsync(cancel);
            watch.Set(tenant.Slug);
            return TypedResults.NoContent();
        }
        catch (DbUpdateException)
        {
            // The same request at the same time was first.
            db.ChangeTracker.Clear();
            if (await FindAsync() is { } first)
                return Same(first);
            throw;
        }

        Task<WorkItem?> FindAsync() => db.WorkItems.AsNoTracking().FirstOrDefaultAsync(row => row.Id == request.TaskId, cancel);

        // Somebody else may have it by now.
        Results<NoContent, ProblemHttpResult> Same(WorkItem there) =>
            there.RoutingId == request.RoutingId && there.Step == request.Step && (there.Assignee == request.Assignee || there.Version > 0)
                ? TypedResults.NoContent()
                : IdTaken.Result(request.TaskId);
    }
}
