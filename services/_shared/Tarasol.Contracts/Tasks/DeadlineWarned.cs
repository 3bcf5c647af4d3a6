namespace Tarasol.Contracts.Tasks;

/// <summary>A work item is nearly due.</summary>
public sealed record DeadlineWarned(Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string Assignee, DateTimeOffset DueAt, DateTimeOffset WarnedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.deadline-warned.v1";

    string IEvent.Subject => TaskId.ToString();
}
