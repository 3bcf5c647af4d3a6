namespace Tarasol.Contracts.Tasks;

/// <summary>A work item was given to another person, or taken by one of the unit that it was offered to: then there is nobody it was taken from.</summary>
public sealed record TaskReassigned(Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string? From, string To, string ReassignedBy, string? Reason, DateTimeOffset ReassignedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.task-reassigned.v1";

    string IEvent.Subject => TaskId.ToString();
}
