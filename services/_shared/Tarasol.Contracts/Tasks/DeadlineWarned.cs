using System.Text.Json.Serialization;

namespace Tarasol.Contracts.Tasks;

/// <summary>A work item is nearly due; <paramref name="AlsoTo"/> is the head who is warned too, if the tenant's policy says so.</summary>
public sealed record DeadlineWarned(Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string Assignee, DateTimeOffset DueAt, DateTimeOffset WarnedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AlsoTo = null) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.deadline-warned.v1";

    string IEvent.Subject => TaskId.ToString();
}
