namespace Tarasol.Directories.Units;

/// <summary>An organisation unit as it is now; units form a tree. How it was before is in <see cref="FormerUnit"/>.</summary>
public sealed class Unit
{
    public Guid Id { get; init; }

    /// <summary>Short and unique in the tenant; part of reference numbers. It never changes and is not given again.</summary>
    public required string Code { get; init; }

    public required string NameAr { get; set; }

    public required string NameEn { get; set; }

    /// <summary>Null at a root.</summary>
    public Guid? ParentId { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its first day; null: it has always been there.</summary>
    public DateOnly? OpenedOn { get; init; }

    /// <summary>The first day on which it is not there any more; null: it is open.</summary>
    public DateOnly? ClosedOn { get; set; }

    /// <summary>Who goes on with its work once it is closed.</summary>
    public Guid? SuccessorId { get; set; }

    public string? CloseReason { get; set; }

    /// <summary>Row version.</summary>
    public int Version { get; set; }

    public bool IsThereOn(DateOnly day) => !(OpenedOn > day) && !(ClosedOn <= day);
}

/// <summary>How a unit was before a change. Rows are only ever added.</summary>
public sealed class FormerUnit
{
    public Guid UnitId { get; init; }

    /// <summary>From 1.</summary>
    public int Number { get; init; }

    /// <summary>The day of the change: the first one on which it was otherwise.</summary>
    public DateOnly UntilDay { get; init; }

    public required string NameAr { get; init; }

    public required string NameEn { get; init; }

    public Guid? ParentId { get; init; }

    public required string ChangedBy { get; init; }

    public DateTimeOffset ChangedAt { get; init; }
}

/// <summary>Taken by whoever moves or closes units, so that two who do it at the same time notice each other.</summary>
public sealed class TreeTurn
{
    /// <summary>There is one row.</summary>
    public const int TheId = 1;

    public int Id { get; init; } = TheId;

    /// <summary>Row version.</summary>
    public int Version { get; set; }
}
