using System.Text.Json;
using Tarasol.Correspondence.Letters.Links;

namespace Tarasol.Correspondence.Letters;

/// <summary>Something that happened to a letter.</summary>
public sealed class TimelineEntry
{
    public Guid LetterId { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public int Sequence { get; init; }

    public TimelineKind Kind { get; init; }

    /// <summary>User name of the person who did it, or whose act caused it.</summary>
    public required string Actor { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Of routed, the steps and completed.</summary>
    public Guid? RoutingId { get; set; }

    /// <summary>From 1; of a step's decision.</summary>
    public int? Step { get; set; }

    /// <summary>What the person who decided wrote.</summary>
    public string? Comment { get; set; }

    /// <summary>Of numbered.</summary>
    public string? ReferenceNumber { get; set; }

    /// <summary>The person for whom the actor acted.</summary>
    public string? OnBehalfOf { get; set; }

    /// <summary>Whom or what it was directed at: the new assignee, the colleague who was asked, the step that it was returned to.</summary>
    public string? Target { get; set; }

    /// <summary>Of completed: approved, rejected or returned.</summary>
    public LetterStatus? Outcome { get; set; }

    /// <summary>Of changed: what the fields were before and are after, as JSON.</summary>
    public string? Changes { get; set; }

    /// <summary>Of linked and unlinked: the letter at the other end. The entry is there only for those who may know of it.</summary>
    public Guid? OtherLetterId { get; set; }

    public LinkKind? LinkKind { get; set; }
}

/// <summary>One field that was changed.</summary>
public sealed record FieldChange(string Field, JsonElement Before, JsonElement After);

/// <summary>What happened. The names are part of the API.</summary>
public enum TimelineKind
{
    Registered,
    Numbered,
    Routed,
    StepApproved,
    StepRejected,
    StepReturned,
    Completed,
    Changed,
    Linked,
    Unlinked,
    StepSigned,
    StepCommented,
    StepDone,
    StepSeen,
    StepReassigned,
    OpinionAsked,
    OpinionGiven,
    RoutingInterrupted,
    DeadlineStopped,
    DeadlineResumed,
    DeadlineExtended,
    StepEscalated,
    ReferralSent,
    ReferralSeen,
    ReferralAccepted,
    ReferralDeclined,
    ReferralAnswered,
    ReferralRecalled,
    ReferralClosed,
    Closed,
    Reopened,

    /// <summary>Its unit closed; another one goes on with it.</summary>
    Transferred,

    /// <summary>A step waits for the people of another unit, or for those of the same one again.</summary>
    StepTransferred,

    /// <summary>Somebody else is to deal with a referral.</summary>
    ReferralReassigned,
}
