namespace Tarasol.Tasks.WorkItems;

/// <summary>What can be decided about a task, by its kind.</summary>
public static class AllowedDecisions
{
    public static IReadOnlyList<Decision> Of(WorkItem item)
    {
        IReadOnlyList<Decision> all = Of(item.Kind);
        return item.CanReturn ? all : [.. all.Where(each => each != Decision.Return)];
    }

    public static IReadOnlyList<Decision> Of(WorkItemKind kind) => kind switch
    {
        WorkItemKind.Approve => [Decision.Approve, Decision.Reject, Decision.Return],
        WorkItemKind.Sign => [Decision.Sign, Decision.Reject, Decision.Return],
        WorkItemKind.Act => [Decision.Done, Decision.Return],
        WorkItemKind.Comment or WorkItemKind.Opinion => [Decision.Comment],
        WorkItemKind.Inform or WorkItemKind.Escalation => [Decision.Seen],
        _ => [],
    };
}
