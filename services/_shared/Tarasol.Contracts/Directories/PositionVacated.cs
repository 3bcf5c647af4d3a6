namespace Tarasol.Contracts.Directories;

/// <summary>A person does not hold a position any more, before its time.</summary>
/// <param name="PositionId">The position.</param>
/// <param name="UnitId">Its unit.</param>
/// <param name="Role">What it is in its unit, such as head.</param>
/// <param name="UserName">Who.</param>
/// <param name="Until">The first day without.</param>
/// <param name="Cause">ended, person-left, unit-closed or position-closed.</param>
/// <param name="VacatedAt">When it was decided.</param>
public sealed record PositionVacated(Guid PositionId, Guid UnitId, string Role, string UserName, DateOnly Until, string Cause, DateTimeOffset VacatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.position-vacated.v1";

    string IEvent.Subject => PositionId.ToString();
}
