namespace Tarasol.Contracts.Tasks;

/// <summary>A person asked a colleague for an opinion before deciding a work item.</summary>
public sealed record OpinionRequested(Guid OpinionId, Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string AskedBy, string Colleague, string Question, DateTimeOffset RequestedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.opinion-requested.v1";

    string IEvent.Subject => TaskId.ToString();
}
