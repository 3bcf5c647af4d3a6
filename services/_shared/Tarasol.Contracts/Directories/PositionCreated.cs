namespace Tarasol.Contracts.Directories;

/// <summary>A unit got a position.</summary>
public sealed record PositionCreated(Guid PositionId, Guid UnitId, string Role, string TitleAr, string TitleEn, DateTimeOffset CreatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.position-created.v1";

    string IEvent.Subject => PositionId.ToString();
}
