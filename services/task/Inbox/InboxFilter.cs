using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tasks.Inbox;

/// <summary>A view with conditions that a person has given a name.</summary>
public sealed class InboxFilter
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    public required string Name { get; init; }

    public InboxView View { get; init; }

    public WorkItemKind? Kind { get; init; }

    public Urgency? Urgency { get; init; }
}
