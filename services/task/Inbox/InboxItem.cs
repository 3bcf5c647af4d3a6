using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Inbox;

/// <summary>A task as the inbox shows it.</summary>
public sealed record InboxItem(
    Guid Id, WorkItemKind Kind, Guid LetterId, string Subject, DateTimeOffset DueAt, DateTimeOffset OpenedAt, WorkItemState State, Urgency Urgency, bool Unread, bool Waiting,
    DateTimeOffset? FollowUpAt, string? OnBehalfOf, string? Assignee, Guid? UnitId, int Points)
{
    public static InboxItem Of(WorkItem item, DateTimeOffset now) => new(
        item.Id, item.Kind, item.LetterId, item.Subject, item.DueAt, item.OpenedAt, item.State, item.Urgency, item.Reading == ReadState.Unread, item.Progress == WorkProgress.Waiting,
        item.FollowUpAt, item.OnBehalfOf, item.Assignee.Length > 0 ? item.Assignee : null, item.UnitId, Priority.Points(item.RankAt, now));
}
