namespace Tarasol.Correspondence.Units;

/// <summary>A unit that is there no more: the directory owns it, this is a copy that its event makes.</summary>
public sealed class ClosedUnit
{
    public Guid UnitId { get; init; }

    /// <summary>Goes on with the work; may be closed too.</summary>
    public Guid SuccessorId { get; init; }

    public required string SuccessorCode { get; init; }

    /// <summary>In the words of the person who closed it.</summary>
    public required string Reason { get; init; }

    /// <summary>User name.</summary>
    public required string ClosedBy { get; init; }

    public DateTimeOffset ClosedAt { get; init; }

    /// <summary>Its open letters are its successor's.</summary>
    public bool Moved { get; set; }
}
