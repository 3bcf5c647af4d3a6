namespace Tarasol.Tasks.WorkItems;

/// <summary>What a person is asked to do; the API calls it a task.</summary>
public sealed class WorkItem
{
    /// <summary>Chosen by the service that opens it, so that opening twice makes one.</summary>
    public Guid Id { get; init; }

    /// <summary>Rises with the order of opening: the order of lists.</summary>
    public Guid Position { get; init; }

    public WorkItemKind Kind { get; init; }

    public Guid LetterId { get; init; }

    public Guid RoutingId { get; init; }

    /// <summary>From 1.</summary>
    public int Step { get; init; }

    /// <summary>User name; empty while it is offered to a unit and nobody has taken it. Whoever it is given to was found to be cleared for the letter.</summary>
    public required string Assignee { get; set; }

    /// <summary>The unit that it was offered to.</summary>
    public Guid? UnitId { get; set; }

    /// <summary>Of the unit only those with this role.</summary>
    public string? Role { get; init; }

    /// <summary>The unit as whose head the person has it; null: as themselves.</summary>
    public Guid? HeadOf { get; set; }

    /// <summary>The letter's unit, when it was opened. Null: not told.</summary>
    public Guid? LetterUnitId { get; init; }

    /// <summary>Code of the letter's type.</summary>
    public string? LetterType { get; init; }

    /// <summary>The letter's level, 0 to 3. Null: of before levels were told; then only who is cleared for everything gets it from somebody else.</summary>
    public int? Confidentiality { get; init; }

    public Urgency Urgency { get; init; }

    /// <summary>The person whose task it is and for whom the assignee acts.</summary>
    public string? OnBehalfOf { get; private set; }

    public Acting Acting { get; private set; }

    /// <summary>The letter's.</summary>
    public required string Subject { get; init; }

    public DateTimeOffset DueAt { get; set; }

    /// <summary>The due time less what urgency and kind are worth: the earliest comes next. See <see cref="Inbox.Priority"/>.</summary>
    public DateTimeOffset RankAt { get; set; }

    public DateTimeOffset OpenedAt { get; init; }

    public WorkItemState State { get; set; }

    /// <summary>Opinions that were asked for and not given yet; until then nothing is decided.</summary>
    public int PendingOpinions { get; private set; }

    public WorkProgress Progress { get; private set; }

    /// <summary>The task for which an opinion is asked.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>What the person is asked, in words.</summary>
    public string? Question { get; init; }

    public string? AskedBy { get; init; }

    /// <summary>False: the letter cannot be returned from here.</summary>
    public bool CanReturn { get; init; } = true;

    /// <summary>Keys of steps that the letter can be returned to besides its author, parted by spaces.</summary>
    public string? ReturnTo { get; init; }

    public ReadState Reading { get; set; }

    /// <summary>When the assignee wants to come back to it.</summary>
    public DateTimeOffset? FollowUpAt { get; set; }

    public Decision? Decision { get; set; }

    public string? DecidedBy { get; set; }

    public string? Comment { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>Code of the unit whose working calendar counts.</summary>
    public string? CalendarUnit { get; init; }

    /// <summary>Time allowed in working days; null: by the clock.</summary>
    public int? AllowedDays { get; init; }

    /// <summary>Time allowed by the clock. Null: of before it was kept.</summary>
    public long? AllowedSeconds { get; init; }

    /// <summary>Set while the clock stands still.</summary>
    public DateTimeOffset? ClockStoppedAt { get; private set; }

    /// <summary>How many of the alarms were given.</summary>
    public int AlarmStage { get; set; }

    public DeadlineWatch Watch { get; set; } = DeadlineWatch.Starting;

    /// <summary>The Idempotency-Key that the decision came with.</summary>
    public string? DecisionKey { get; set; }

    /// <summary>Row version.</summary>
    public int Version { get; set; }

    public IReadOnlyList<string> ReturnKeys => ReturnTo?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Another unit goes on with the work.</summary>
    public void MoveTo(Guid unit)
    {
        UnitId = unit;
        Version++;
    }

    /// <summary>Gives it to a person, for themselves or for somebody else.</summary>
    public void GiveTo(string person, string? onBehalfOf = null)
    {
        Assignee = person;
        OnBehalfOf = onBehalfOf;
        Acting = onBehalfOf is null ? Acting.Own : Acting.OnBehalf;
        Reading = ReadState.Unread;
        FollowUpAt = null;
        Version++;
    }

    /// <summary>Nobody needs to act any more.</summary>
    public void Cancel()
    {
        State = WorkItemState.Cancelled;
        WakeWatch();
        Version++;
    }

    /// <summary>One opinion more, or one less, is awaited.</summary>
    public void AwaitOpinions(int change)
    {
        PendingOpinions += change;
        Follow();
        Version++;
    }

    /// <summary>Stops the clock, or lets it go on with null.</summary>
    public void StopClock(DateTimeOffset? at)
    {
        ClockStoppedAt = at;
        Follow();
    }

    /// <summary>Whoever watches the due time has to look again.</summary>
    public void WakeWatch() => Watch = Watch is DeadlineWatch.Running or DeadlineWatch.Changed ? DeadlineWatch.Changed : Watch;

    private void Follow() => Progress = PendingOpinions > 0 || ClockStoppedAt is not null ? WorkProgress.Waiting : WorkProgress.ToDo;
}

// These are kept beside what they follow from, because every view of the inbox is one range of an index.
public enum WorkProgress
{
    ToDo,

    /// <summary>For opinions, or for the clock to go on.</summary>
    Waiting,
}

public enum ReadState
{
    Unread,
    Read,
}

public enum Acting
{
    Own,
    OnBehalf,
}

public enum WorkItemKind
{
    Approve,
    Sign,

    /// <summary>To say something; nothing hangs on what.</summary>
    Comment,

    /// <summary>To do something and say that it is done.</summary>
    Act,

    /// <summary>To take note.</summary>
    Inform,

    /// <summary>A colleague wants to know what one thinks before deciding.</summary>
    Opinion,

    /// <summary>Somebody of one's unit, or of one below it, is late.</summary>
    Escalation,

    /// <summary>A letter that was referred to somebody; it is dealt with there.</summary>
    Referral,
}

public enum WorkItemState
{
    Open,
    Decided,

    /// <summary>Not needed any more.</summary>
    Cancelled,
}

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

public enum Urgency
{
    Normal,
    Urgent,
    VeryUrgent,
}

/// <summary>Whether the due time is watched by its workflow.</summary>
public enum DeadlineWatch
{
    /// <summary>Nothing is told of it: of before due times were watched, or an escalation itself.</summary>
    None,

    /// <summary>Committed; its workflow is being scheduled.</summary>
    Starting,

    Running,

    /// <summary>Its workflow is being told to look again.</summary>
    Changed,
}
