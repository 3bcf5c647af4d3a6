namespace Tarasol.Contracts.Tasks;

/// <summary>A work item waits for one of the people of a unit.</summary>
public sealed record TaskOffered(Guid TaskId, string Kind, Guid LetterId, Guid RoutingId, int Step, Guid UnitId, string? Role, DateTimeOffset DueAt, DateTimeOffset OfferedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.task-offered.v1";

    string IEvent.Subject => TaskId.ToString();
}
