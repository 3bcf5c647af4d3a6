namespace Dapr.Workflow.Abstractions;

/// <summary>The name under which a workflow or an activity is registered.</summary>
/// <param name="Name">Compared without regard to case.</param>
public readonly record struct TaskIdentifier(string Name)
{
    /// <summary>The identifier of that name.</summary>
    public static implicit operator TaskIdentifier(string name) => new(name);

    /// <summary>The name alone.</summary>
    public static implicit operator string(TaskIdentifier identifier) => identifier.Name;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
