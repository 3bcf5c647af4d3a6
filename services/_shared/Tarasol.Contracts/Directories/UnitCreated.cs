namespace Tarasol.Contracts.Directories;

/// <summary>An organisation unit was added to the tree.</summary>
public sealed record UnitCreated(Guid UnitId, string Code, string NameAr, string NameEn, Guid? ParentId, DateTimeOffset CreatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.unit-created.v1";

    string IEvent.Subject => UnitId.ToString();
}
