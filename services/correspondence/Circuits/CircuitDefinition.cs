using System.ComponentModel.DataAnnotations;
using Tarasol.Correspondence.Routing;

namespace Tarasol.Correspondence.Circuits;

/// <summary>One place of a circuit: one or more people, who are asked at the same time. Steps come one after the other.</summary>
/// <param name="Key">Its name inside the circuit; a return can name it.</param>
/// <param name="Items">Who is asked for what.</param>
/// <param name="Quorum">How many of those who answer have to agree before the letter goes on.</param>
/// <param name="Count">The number, with quorum <c>count</c>.</param>
/// <param name="When">The step is left out for a letter for which one of these does not hold.</param>
public sealed record CircuitStep(
    [Required, MaxLength(60), RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$")] string Key,
    [MinLength(1), MaxLength(20)] IReadOnlyList<CircuitItem> Items,
    Quorum Quorum = Quorum.All,
    [Range(1, 20)] int? Count = null,
    [MaxLength(5)] IReadOnlyList<Condition>? When = null)
{
    /// <summary>True when all conditions hold for the letter.</summary>
    public bool AppliesTo(LetterFacts letter) => When?.All(condition => condition.Holds(letter)) ?? true;
}

/// <summary>One person, or the people of a unit, and what they are asked for.</summary>
/// <param name="Kind">What for.</param>
/// <param name="Assignee">Whom.</param>
/// <param name="DueInHours">Time allowed, counted from when the step opens, by the clock.</param>
/// <param name="DueInDays">The same in working days of the tenant's calendar; then the hours do not count.</param>
public sealed record CircuitItem(StepKind Kind, Assignee Assignee, [Range(1, 8760)] int DueInHours = 72, [Range(1, 365)] int? DueInDays = null);

/// <summary>Who is asked; people are found when the step opens.</summary>
/// <param name="Type">How to find them.</param>
/// <param name="User">User name, of <c>user</c>.</param>
/// <param name="UnitId">Of <c>unit</c>, <c>unit-head</c> and <c>unit-role</c>; without it the letter's own unit.</param>
/// <param name="Role">Of <c>unit-role</c>.</param>
/// <param name="Slot">Of <c>chosen</c>: the name by which whoever sends the letter says who it is.</param>
public sealed record Assignee(AssigneeType Type, [MaxLength(256)] string? User = null, Guid? UnitId = null, [MaxLength(100)] string? Role = null, [MaxLength(60)] string? Slot = null);

/// <summary>How the people of an item are found.</summary>
public enum AssigneeType
{
    User,

    /// <summary>Offered to the people of a unit; the first to take it has it.</summary>
    Unit,

    UnitHead,

    /// <summary>Offered to those of a unit who have a role.</summary>
    UnitRole,

    /// <summary>Whoever registered the letter.</summary>
    Author,

    /// <summary>Named when the letter is sent.</summary>
    Chosen,
}

/// <summary>How many have to agree.</summary>
public enum Quorum
{
    All,
    Any,
    Count,
}
