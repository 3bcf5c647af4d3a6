namespace Tarasol.Contracts.Tasks;

/// <summary>A colleague said what they think about a work item that somebody else has to decide.</summary>
public sealed record OpinionGiven(Guid OpinionId, Guid TaskId, Guid LetterId, Guid RoutingId, int Step, string AskedBy, string Colleague, string Opinion, DateTimeOffset GivenAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "task.opinion-given.v1";

    string IEvent.Subject => TaskId.ToString();
}
