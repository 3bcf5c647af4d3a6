namespace Tarasol.Contracts.Directories;

/// <summary>A unit got other names or another place in the tree.</summary>
/// <param name="UnitId">The unit.</param>
/// <param name="Code">Its code, which never changes.</param>
/// <param name="NameAr">Its name from then on.</param>
/// <param name="NameEn">Its name from then on.</param>
/// <param name="ParentId">What it is below from then on; null: nothing.</param>
/// <param name="On">The first day on which it is so.</param>
/// <param name="ChangedAt">When it was decided.</param>
public sealed record UnitChanged(Guid UnitId, string Code, string NameAr, string NameEn, Guid? ParentId, DateOnly On, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.unit-changed.v1";

    string IEvent.Subject => UnitId.ToString();
}
