namespace Tarasol.Contracts.Correspondence;

/// <summary>A letter was sent through a circuit of steps.</summary>
public sealed record LetterRouted(Guid LetterId, Guid RoutingId, IReadOnlyList<RoutedStep> Steps, DateTimeOffset RoutedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.letter-routed.v1";

    string IEvent.Subject => LetterId.ToString();
}

/// <summary>One step of the circuit.</summary>
/// <param name="Kind">For example <c>approve</c>.</param>
/// <param name="Assignee">User name of the person who is to act.</param>
/// <param name="DueInHours">Time allowed, counted from when the step opens.</param>
public sealed record RoutedStep(string Kind, string Assignee, int DueInHours);
