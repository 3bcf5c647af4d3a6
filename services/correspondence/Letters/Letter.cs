using Tarasol.Correspondence.Closing;
using Tarasol.Correspondence.Letters.Duplicates;

namespace Tarasol.Correspondence.Letters;

/// <summary>An official letter. Every change of it leaves an entry in its timeline, made by <see cref="Record"/> and saved with the change.</summary>
public sealed class Letter
{
    public const int LongestSubject = 500;
    public const int LongestName = 300;
    public const int LongestReference = 200;

    public Guid Id { get; init; }

    public Direction Direction { get; init; }

    public required string Subject { get; set; }

    /// <summary>The subject in Arabic, where the letter or its registry has one beside <see cref="Subject"/>.</summary>
    public string? SubjectAr { get; set; }

    public string? SubjectEn { get; set; }

    public string? Body { get; set; }

    public Language Language { get; set; }

    public Urgency Urgency { get; set; }

    public Confidentiality Confidentiality { get; set; }

    /// <summary>The last day on which its level counts; null: it always does.</summary>
    public DateOnly? ConfidentialUntil { get; set; }

    public required string SenderName { get; set; }

    /// <summary>Those who are to act.</summary>
    public required IReadOnlyList<string> Recipients { get; set; }

    /// <summary>Those who are to know.</summary>
    public IReadOnlyList<string>? ForInformation { get; set; }

    /// <summary>Those who get a copy.</summary>
    public IReadOnlyList<string>? Copies { get; set; }

    public DateOnly DocumentDate { get; set; }

    /// <summary>The sender's own reference.</summary>
    public string? SenderReference { get; set; }

    public DateOnly? ReceivedOn { get; set; }

    public ReceivedChannel? ReceivedChannel { get; set; }

    public OriginalMedium? OriginalMedium { get; set; }

    /// <summary>Where the paper lies.</summary>
    public string? PhysicalLocation { get; set; }

    /// <summary>How many annexes there are on paper.</summary>
    public int? PaperAnnexes { get; set; }

    /// <summary>Its class in the classification system.</summary>
    public string? Classification { get; set; }

    public bool NeedsReply { get; set; }

    /// <summary>Code of its type; null: it has none.</summary>
    public string? LetterType { get; init; }

    public Guid? LetterTypeId { get; init; }

    /// <summary>The version of the type by which it was registered; it keeps it.</summary>
    public int? LetterTypeVersion { get; init; }

    /// <summary>Values of the type's own fields, as JSON.</summary>
    public string? Fields { get; set; }

    /// <summary>The subject as it is compared; null in letters of earlier releases. So are the other keys: see <see cref="SetKeys"/>.</summary>
    public string? SubjectKey { get; private set; }

    /// <summary>The subject in all languages as it is searched.</summary>
    public string? SubjectText { get; private set; }

    public string? SenderKey { get; private set; }

    public string? SenderReferenceKey { get; private set; }

    /// <summary>While the letter is open: when the unit closes, its successor.</summary>
    public Guid OwnerUnitId { get; set; }

    /// <summary>The unit's code: it chooses the number series.</summary>
    public required string OwnerUnitCode { get; set; }

    public LetterStatus Status { get; set; }

    /// <summary>Null until it has one: incoming at registration, the others at final approval. It never changes.</summary>
    public string? ReferenceNumber { get; set; }

    /// <summary>User name.</summary>
    public required string RegisteredBy { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }

    /// <summary>Set once it is signed: from then on nothing of it changes, only a letter that supersedes it can say something else.</summary>
    public DateTimeOffset? SignedAt { get; set; }

    /// <summary>Of a closed letter: in which way.</summary>
    public Closure? Closure { get; set; }

    /// <summary>Of a closed letter: what it is again when it is reopened.</summary>
    public LetterStatus? ClosedFrom { get; set; }

    /// <summary>Time of the newest timeline entry.</summary>
    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>Row version, and how many timeline entries there are: every change adds exactly one or more of them.</summary>
    public int Version { get; private set; }

    /// <summary>Makes the keys by which letters are compared and searched; whoever sets the texts calls it.</summary>
    public void SetKeys()
    {
        SubjectKey = TextKey.Of(Subject, LongestSubject);
        SubjectText = string.Join('|', new[] { Subject, SubjectAr, SubjectEn }.OfType<string>().Select(text => TextKey.Of(text, LongestSubject)).Distinct());
        SenderKey = TextKey.Of(SenderName, LongestName);
        SenderReferenceKey = SenderReference is { } reference ? TextKey.Of(reference, LongestReference) : null;
    }

    /// <summary>Makes the timeline entry of a change. Its time is never before the entry before it, whatever the clocks of other machines say.</summary>
    public TimelineEntry Record(TimelineKind kind, string actor, DateTimeOffset at)
    {
        ChangedAt = at > ChangedAt ? at : ChangedAt;
        Version++;
        return new() { LetterId = Id, Sequence = Version, Kind = kind, Actor = actor, At = ChangedAt };
    }
}

public enum Direction
{
    Incoming,
    Outgoing,
    Internal,
}

public enum Language
{
    Ar,
    En,
}

public enum Urgency
{
    Normal,
    Urgent,
    VeryUrgent,
}

/// <summary>The values are the levels that a clearance is compared with.</summary>
public enum Confidentiality
{
    Normal = 0,
    Restricted = 1,
    Secret = 2,
    TopSecret = 3,
}

/// <summary>How a letter came.</summary>
public enum ReceivedChannel
{
    Hand,
    Post,
    Courier,
    Fax,
    Email,
    Portal,
}

/// <summary>What the original is.</summary>
public enum OriginalMedium
{
    Paper,
    Digital,
    Mixed,
}

/// <summary>A letter's place in its life.</summary>
public enum LetterStatus
{
    /// <summary>Accepted, but its number is not known here yet. Nobody sees it; it becomes registered by itself.</summary>
    Registering,

    /// <summary>In the register; can be routed.</summary>
    Registered,

    /// <summary>A routing is under way.</summary>
    InRouting,

    /// <summary>All approved; has its number. Final.</summary>
    Approved,

    /// <summary>An approver rejected it. Final.</summary>
    Rejected,

    /// <summary>An approver sent it back; can be routed again.</summary>
    Returned,

    /// <summary>Nothing more is to be done; can be reopened.</summary>
    Closed,
}
