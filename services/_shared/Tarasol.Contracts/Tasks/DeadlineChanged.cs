namespace Tarasol.Contracts.Tasks;

/// <summary>The time of a work item was stopped, goes on, or was extended. While it is stopped there is no due time.</summary>
public sealed record DeadlineChanged(Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string Change, string ChangedBy, string? Reason, DateTimeOffset? DueAt, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.deadline-changed.v1";

    string IEvent.Subject => TaskId.ToString();
}
