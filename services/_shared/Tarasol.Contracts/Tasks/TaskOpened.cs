using System.Text.Json.Serialization;

namespace Tarasol.Contracts.Tasks;

/// <summary>A work item waits for a person; <paramref name="OnBehalfOf"/> names the person for whom they act, if it is not their own.</summary>
public sealed record TaskOpened(Guid TaskId, string Kind, Guid LetterId, Guid RoutingId, int Step, string Assignee, DateTimeOffset DueAt, DateTimeOffset OpenedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OnBehalfOf = null) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.task-opened.v1";

    string IEvent.Subject => TaskId.ToString();
}
