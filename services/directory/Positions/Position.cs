namespace Tarasol.Directories.Positions;

/// <summary>A post in a unit; one person at a time holds it.</summary>
public sealed class Position
{
    /// <summary>The role of whoever leads the unit. A unit has one open position of it at most.</summary>
    public const string Head = "head";

    public Guid Id { get; init; }

    public Guid UnitId { get; init; }

    /// <summary>What the position is in its unit, for rules: head, deputy, secretary...</summary>
    public required string Role { get; init; }

    public required string TitleAr { get; set; }

    public required string TitleEn { get; set; }

    /// <summary>The first day on which it is not there any more; null: it is there.</summary>
    public DateOnly? ClosedOn { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Row version; also goes up when somebody gets or leaves it.</summary>
    public int Version { get; set; }

    public List<Appointment> Appointments { get; init; } = [];

    /// <summary>Who holds it on a day.</summary>
    public Appointment? HolderOn(DateOnly day) => Appointments.FirstOrDefault(each => each.HoldsOn(day));
}

/// <summary>A person holds a position for some time. Rows are never deleted.</summary>
public sealed class Appointment
{
    public Guid Id { get; init; }

    public Guid PositionId { get; init; }

    public required string UserName { get; init; }

    public DateOnly FromDay { get; init; }

    /// <summary>The first day on which the person does not hold it any more; null: no end is known.</summary>
    public DateOnly? UntilDay { get; set; }

    public required string MadeBy { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>Who ended it before its time.</summary>
    public string? EndedBy { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public VacancyCause? EndCause { get; set; }

    public bool HoldsOn(DateOnly day) => FromDay <= day && !(UntilDay <= day);

    /// <summary>True when both hold on some day.</summary>
    public bool Meets(DateOnly from, DateOnly? until) => !(UntilDay <= from) && !(until <= FromDay) && !(UntilDay <= FromDay);
}

/// <summary>Why a person does not hold a position any more.</summary>
public enum VacancyCause
{
    /// <summary>Somebody decided so.</summary>
    Ended,

    /// <summary>The account was disabled or removed.</summary>
    PersonLeft,
    UnitClosed,
    PositionClosed,
}
