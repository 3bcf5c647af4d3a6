using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Inbox;

/// <summary>
/// Which task comes next. Points rise by one each hour and are 1,000 at the due time; urgency and kind are worth points too. As all tasks gain alike, their order never changes by
/// itself: it is that of one stored time, and finding the next one costs the same however many there are.
/// </summary>
public static class Priority
{
    private const int AtDueTime = 1000;

    /// <summary>What urgency is worth.</summary>
    public static int Of(Urgency urgency) => urgency switch { Urgency.VeryUrgent => 72, Urgency.Urgent => 24, _ => 0 };

    /// <summary>What the kind is worth: others wait for who signs or approves, nobody for who is informed.</summary>
    public static int Of(WorkItemKind kind) => kind switch
    {
        WorkItemKind.Sign => 8,
        WorkItemKind.Approve or WorkItemKind.Opinion => 6,
        WorkItemKind.Inform => -48,
        _ => 0,
    };

    /// <summary>When the task has as many points as any other at its due time.</summary>
    public static DateTimeOffset RankAt(DateTimeOffset dueAt, Urgency urgency, WorkItemKind kind) => dueAt.AddHours(-Of(urgency) - Of(kind));

    /// <summary>The points at a time.</summary>
    public static int Points(DateTimeOffset rankAt, DateTimeOffset now) => AtDueTime - (int)Math.Floor((rankAt - now).TotalHours);
}
