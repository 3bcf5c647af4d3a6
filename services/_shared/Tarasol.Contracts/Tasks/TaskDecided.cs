using System.Text.Json.Serialization;

namespace Tarasol.Contracts.Tasks;

/// <summary>A person decided a work item.</summary>
/// <param name="TaskId">The work item.</param>
/// <param name="LetterId">Its letter.</param>
/// <param name="RoutingId">The letter's way.</param>
/// <param name="Step">Of that way.</param>
/// <param name="Decision">approve, reject, return, sign, comment, done or seen.</param>
/// <param name="DecidedBy">User name.</param>
/// <param name="Comment">What the person wrote.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="ReturnTo">Of a return: key of the step; left out: to the author.</param>
/// <param name="OnBehalfOf">The person for whom it was decided; left out: the person's own.</param>
public sealed record TaskDecided(Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string Decision, string DecidedBy, string? Comment, DateTimeOffset DecidedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReturnTo = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OnBehalfOf = null) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.task-decided.v1";

    string IEvent.Subject => TaskId.ToString();
}
