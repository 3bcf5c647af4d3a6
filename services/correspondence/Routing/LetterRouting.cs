using System.Text.Json;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;

namespace Tarasol.Correspondence.Routing;

/// <summary>One way of a letter through a circuit of steps. Its id is the workflow's instance id.</summary>
public sealed class LetterRouting
{
    public Guid Id { get; init; }

    public Guid LetterId { get; init; }

    public RoutingState State { get; set; }

    /// <summary>Null until it is done; then approved, rejected or returned.</summary>
    public LetterStatus? Outcome { get; set; }

    /// <summary>User name.</summary>
    public required string RoutedBy { get; init; }

    public DateTimeOffset RoutedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>Null: by steps that were given with the letter, all of them approvals one after the other.</summary>
    public string? CircuitCode { get; init; }

    public int? CircuitVersion { get; init; }

    /// <summary>The <see cref="CircuitPlan"/> as JSON, so that a later version of the circuit changes nothing here.</summary>
    public string? Plan { get; init; }

    /// <summary>Row version.</summary>
    public int Version { get; set; }

    public List<RoutingStep> Steps { get; init; } = [];
}

/// <summary>A circuit as a letter goes through it.</summary>
/// <param name="Steps">Of the version that the letter was sent by.</param>
/// <param name="Chosen">User names by slot.</param>
public sealed record CircuitPlan(IReadOnlyList<CircuitStep> Steps, IReadOnlyDictionary<string, string> Chosen)
{
    public string Write() => JsonSerializer.Serialize(this, EventJson.Options);

    public static CircuitPlan Read(string plan) => JsonSerializer.Deserialize<CircuitPlan>(plan, EventJson.Options)!;
}

/// <summary>What one person, or the people of a unit, were asked, and what became of it.</summary>
public sealed class RoutingStep
{
    public Guid RoutingId { get; init; }

    /// <summary>From 1, in the order of asking.</summary>
    public int Number { get; init; }

    public StepKind Kind { get; init; }

    /// <summary>User name of the person who is to act; empty while it is offered to a unit and nobody has taken it.</summary>
    public required string Assignee { get; set; }

    /// <summary>Time allowed, counted from when the step opens.</summary>
    public int DueInHours { get; init; }

    /// <summary>The same in working days; then the hours do not count.</summary>
    public int? DueInDays { get; init; }

    /// <summary>Null until it is decided.</summary>
    public Decision? Decision { get; set; }

    public string? DecidedBy { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    public string? Comment { get; set; }

    /// <summary>The person for whom somebody else acted.</summary>
    public string? OnBehalfOf { get; set; }

    /// <summary>Where the letter was returned to: a step's key; null: to its author.</summary>
    public string? ReturnTo { get; set; }

    /// <summary>Place in the circuit, from 0; null: of steps that were given with the letter.</summary>
    public int? CircuitStep { get; init; }

    /// <summary>From 1; a return to a step begins the next one.</summary>
    public int? Round { get; init; }

    /// <summary>The unit that it was offered to.</summary>
    public Guid? UnitId { get; set; }

    /// <summary>The unit as whose head the person was asked.</summary>
    public Guid? HeadOf { get; init; }

    /// <summary>Only those of the unit with this role may take it.</summary>
    public string? Role { get; init; }

    /// <summary>Null: of steps that were given with the letter.</summary>
    public StepState? State { get; set; }
}

public enum RoutingState
{
    /// <summary>Committed; its workflow is being scheduled.</summary>
    Starting,

    /// <summary>Its workflow runs.</summary>
    Running,

    /// <summary>Ended with an outcome.</summary>
    Done,

    /// <summary>Stopped by a person; what is left of it is being cleared away.</summary>
    Interrupting,

    /// <summary>Stopped by a person; the letter can be routed again.</summary>
    Interrupted,
}

public enum StepState
{
    /// <summary>Committed; its work item is being opened.</summary>
    Opening,

    /// <summary>Waits for its decision.</summary>
    Open,

    Decided,

    /// <summary>Not needed any more; its work item is being cancelled.</summary>
    Cancelling,

    Cancelled,
}

/// <summary>What somebody is asked for.</summary>
public enum StepKind
{
    Approve,
    Sign,

    /// <summary>To say something; nothing hangs on what.</summary>
    Comment,

    /// <summary>To do something and say that it is done.</summary>
    Act,

    /// <summary>To take note. Nobody waits for it.</summary>
    Inform,
}

/// <summary>What a person decides at a step.</summary>
public enum Decision
{
    Approve,
    Reject,
    Return,
    Sign,
    Comment,
    Done,
    Seen,
}
