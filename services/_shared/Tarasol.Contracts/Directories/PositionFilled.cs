namespace Tarasol.Contracts.Directories;

/// <summary>A person got a position.</summary>
/// <param name="PositionId">The position.</param>
/// <param name="UnitId">Its unit.</param>
/// <param name="Role">What it is in its unit, such as head.</param>
/// <param name="UserName">Who.</param>
/// <param name="From">The first day.</param>
/// <param name="Until">The first day without; null: no end is known.</param>
/// <param name="FilledAt">When it was decided.</param>
public sealed record PositionFilled(Guid PositionId, Guid UnitId, string Role, string UserName, DateOnly From, DateOnly? Until, DateTimeOffset FilledAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.position-filled.v1";

    string IEvent.Subject => PositionId.ToString();
}
