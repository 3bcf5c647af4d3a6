namespace Tarasol.Contracts.Directories;

/// <summary>A position is not there any more.</summary>
public sealed record PositionClosed(Guid PositionId, Guid UnitId, string Role, DateOnly ClosedOn, DateTimeOffset ClosedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.position-closed.v1";

    string IEvent.Subject => PositionId.ToString();
}
