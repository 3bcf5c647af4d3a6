using System.Text.Json.Serialization;

namespace Tarasol.Contracts.Correspondence;

/// <summary>A step of a letter's circuit was decided.</summary>
/// <param name="LetterId">The letter.</param>
/// <param name="RoutingId">Its way.</param>
/// <param name="Step">Of that way, from 1.</param>
/// <param name="Decision">approve, reject, return, sign, comment, done or seen.</param>
/// <param name="DecidedBy">User name.</param>
/// <param name="Comment">What the person wrote.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="OnBehalfOf">The person for whom it was decided; left out: the person's own.</param>
/// <param name="ReturnTo">Of a return: key of the step; left out: to the author.</param>
public sealed record StepDecided(Guid LetterId, Guid RoutingId, int Step, string Decision, string DecidedBy, string? Comment, DateTimeOffset DecidedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OnBehalfOf = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReturnTo = null) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.step-decided.v1";

    string IEvent.Subject => LetterId.ToString();
}
