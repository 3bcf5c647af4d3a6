using Tarasol.Tasks.People;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Inbox;

/// <summary>A way to look at one's work. Each is one range of an index.</summary>
public enum InboxView
{
    /// <summary>Open, and nothing is awaited.</summary>
    ToDo,

    /// <summary>Open, and a colleague's opinion is awaited.</summary>
    Waiting,

    /// <summary>Open and past its due time; the longest overdue first.</summary>
    Overdue,

    /// <summary>Open and not looked at.</summary>
    Unread,

    /// <summary>What one wants to come back to, the nearest time first.</summary>
    FollowUp,

    /// <summary>Open, and somebody else's work that one does for them.</summary>
    OnBehalf,

    /// <summary>One's own work that somebody else does.</summary>
    ByOthers,

    /// <summary>Offered to one's unit, and nobody has taken it.</summary>
    MyUnit,

    Decided,
}

/// <summary>Who looks.</summary>
/// <param name="UserName">Whose inbox it is.</param>
/// <param name="UnitId">Where the person works.</param>
/// <param name="Roles">Of the person.</param>
/// <param name="Clearance">What the person's token allows.</param>
public sealed record Viewer(string UserName, Guid? UnitId, IReadOnlyList<string> Roles, int Clearance)
{
    public static Viewer Of(string userName, Person? person, int clearance) => new(userName, person?.UnitId, person?.Roles.Split(' ') ?? [], clearance);
}

public static class InboxViews
{
    /// <summary>The view's tasks, in no order.</summary>
    public static IQueryable<WorkItem> Of(this IQueryable<WorkItem> items, InboxView view, Viewer viewer, DateTimeOffset now)
    {
        var (me, unit, roles, clearance) = (viewer.UserName, viewer.UnitId, viewer.Roles, viewer.Clearance);
        return view switch
        {
            InboxView.ToDo => items.Where(item => item.Assignee == me && item.State == WorkItemState.Open && item.Progress == WorkProgress.ToDo),
            InboxView.Waiting => items.Where(item => item.Assignee == me && item.State == WorkItemState.Open && item.Progress == WorkProgress.Waiting),
            InboxView.Overdue => items.Where(item => item.Assignee == me && item.State == WorkItemState.Open && item.DueAt < now),
            InboxView.Unread => items.Where(item => item.Assignee == me && item.State == WorkItemState.Open && item.Reading == ReadState.Unread),
            InboxView.FollowUp => items.Where(item => item.Assignee == me && item.FollowUpAt != null),
            InboxView.OnBehalf => items.Where(item => item.Assignee == me && item.State == WorkItemState.Open && item.Acting == Acting.OnBehalf),
            InboxView.ByOthers => items.Where(item => item.OnBehalfOf == me),
            InboxView.MyUnit => items.Where(item => item.UnitId == unit && item.State == WorkItemState.Open && item.Assignee == ""
                && (item.Confidentiality ?? Clearance.Highest) <= clearance && (item.Role == null || roles.Contains(item.Role)) && unit != null),
            _ => items.Where(item => item.Assignee == me && item.State == WorkItemState.Decided),
        };
    }

    /// <summary>The view's page after a cursor, in the view's order. A page stays right while tasks come and go: it goes on behind the last one that was shown.</summary>
    public static IQueryable<WorkItem> After(this IQueryable<WorkItem> items, InboxView view, InboxCursor? cursor)
    {
        var (at, position) = (cursor?.At ?? DateTimeOffset.MinValue, cursor?.Position ?? Guid.Empty);
        switch (view)
        {
            case InboxView.Overdue:
                // The first comparison lets the index begin there; the second leaves out what was shown of that very time.
                items = cursor is null ? items : items.Where(item => item.DueAt >= at && (item.DueAt > at || item.Position > position));
                return items.OrderBy(item => item.DueAt).ThenBy(item => item.Position);
            case InboxView.FollowUp:
                items = cursor is null ? items : items.Where(item => item.FollowUpAt >= at && (item.FollowUpAt > at || item.Position > position));
                return items.OrderBy(item => item.FollowUpAt).ThenBy(item => item.Position);
            default:
                return (cursor is null ? items : items.Where(item => item.Position < position)).OrderByDescending(item => item.Position);
        }
    }

    /// <summary>The cursor that goes on behind a task.</summary>
    public static InboxCursor CursorOf(InboxView view, WorkItem item) => new(
        view switch { InboxView.Overdue => item.DueAt, InboxView.FollowUp => item.FollowUpAt!.Value, _ => DateTimeOffset.MinValue }, item.Position);
}
