namespace Tarasol.Contracts.Tasks;

/// <summary>A work item is overdue, and a head was told: of the assignee's unit at level 1, of the unit above at level 2, and so on. There may be nobody to tell.</summary>
public sealed record TaskEscalated(Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string Assignee, string? EscalatedTo, int Level, DateTimeOffset DueAt, DateTimeOffset EscalatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.task-escalated.v1";

    string IEvent.Subject => TaskId.ToString();
}
