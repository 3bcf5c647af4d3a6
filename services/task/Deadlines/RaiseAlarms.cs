using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Inbox;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.Deadlines;

/// <summary>Activity: tells what there is to tell about a task's due time by now, each thing once, and says when there is more. Harmless when repeated.</summary>
public sealed class RaiseAlarms(TenantScopes tenants, TimeProvider time) : WorkflowActivity<DeadlineWorkflow.Input, RaiseAlarms.Next>
{
    /// <param name="Over">Nothing will ever be told.</param>
    /// <param name="At">Null: the clock stands still, or all is told.</param>
    public sealed record Next(bool Over, DateTimeOffset? At);

    public override Task<Next> RunAsync(WorkflowActivityContext context, DeadlineWorkflow.Input input) => tenants.RunAsync(input.Tenant, async services =>
    {
        var db = services.GetRequiredService<TasksDbContext>();
        var item = await db.WorkItems.FirstAsync(row => row.Id == input.TaskId);
        if (item.State != WorkItemState.Open)
            return new Next(Over: true, null);
        if (item.ClockStoppedAt is not null)
            return new Next(Over: false, null);
        var now = time.GetUtcNow();
        var policy = await services.GetRequiredService<Calendars>().PolicyAsync(CancellationToken.None);
        while (item.AlarmStage < policy.Stages && policy.At(item.AlarmStage, item.OpenedAt, item.DueAt) is var at)
        {
            if (at > now)
                return new Next(Over: false, at);
            if (item.AlarmStage == 0)
                await WarnAsync(services, item, policy, now);
            else
                await EscalateAsync(services, item, policy.Escalations[item.AlarmStage - 1].Level, now);
            // The version stays: whoever decides at this moment has nothing to read again.
            item.AlarmStage++;
            await db.SaveChangesAsync();
        }
        return new Next(Over: false, null);
    }, CancellationToken.None);

    private static async Task WarnAsync(IServiceProvider services, WorkItem item, DeadlinePolicy policy, DateTimeOffset now)
    {
        var head = policy.WarnHead ? await services.GetRequiredService<Heads>().AboveAsync(item, 1, CancellationToken.None) : null;
        services.GetRequiredService<IOutbox>().Add(new DeadlineWarned(item.Id, item.LetterId, item.RoutingId, item.Step, item.Assignee, item.DueAt, now, head?.UserName));
    }

    private static async Task EscalateAsync(IServiceProvider services, WorkItem item, int level, DateTimeOffset now)
    {
        var head = await services.GetRequiredService<Heads>().AboveAsync(item, level, CancellationToken.None);
        services.GetRequiredService<IOutbox>().Add(new TaskEscalated(item.Id, item.LetterId, item.RoutingId, item.Step, item.Assignee, head?.UserName, level, item.DueAt, now));
        if (head is null)
            return;
        services.GetRequiredService<TasksDbContext>().Add(new WorkItem
        {
            Id = SortableId.Next(now),
            Position = SortableId.Next(now),
            Kind = WorkItemKind.Escalation,
            LetterId = item.LetterId,
            RoutingId = item.RoutingId,
            Step = item.Step,
            Assignee = head.UserName,
            HeadOf = head.UnitId,
            Confidentiality = item.Confidentiality,
            Urgency = Urgency.VeryUrgent,
            Subject = item.Subject,
            DueAt = now.AddDays(2),
            RankAt = Priority.RankAt(now.AddDays(2), Urgency.VeryUrgent, WorkItemKind.Escalation),
            OpenedAt = now,
            ParentId = item.Id,
            AskedBy = item.Assignee.Length > 0 ? item.Assignee : null,
            CanReturn = false,
            Watch = DeadlineWatch.None,
        });
    }
}
