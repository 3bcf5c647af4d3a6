namespace Tarasol.Correspondence.Referrals;

/// <summary>A letter that one person passes on to another, with what for. Only these two see it, and only while they are cleared for the letter.</summary>
public sealed class Referral
{
    public Guid Id { get; init; }

    public Guid LetterId { get; init; }

    /// <summary>Those that were sent together.</summary>
    public Guid BatchId { get; init; }

    /// <summary>The referral that this one passes on.</summary>
    public Guid? ParentId { get; init; }

    public ReferralPurpose Purpose { get; init; }

    /// <summary>User name.</summary>
    public required string Sender { get; init; }

    /// <summary>User name.</summary>
    public required string Receiver { get; set; }

    /// <summary>The unit as whose head the receiver got it.</summary>
    public Guid? HeadOf { get; init; }

    public string? Instruction { get; init; }

    /// <summary>For the receiver's eyes only; in no event and no timeline.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset SentAt { get; init; }

    public ReferralState State { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Why it was declined, or what was answered.</summary>
    public string? Answer { get; set; }

    /// <summary>True while the receiver may see the letter because of it.</summary>
    public bool GivesAccess { get; set; }

    /// <summary>Where the receiver's work item stands.</summary>
    public ReferralTask Task { get; set; }

    /// <summary>Row version.</summary>
    public int Version { get; set; }

    /// <summary>Somebody else is to deal with it, and has not seen it yet.</summary>
    public void GoTo(string receiver, DateTimeOffset at)
    {
        Receiver = receiver;
        State = ReferralState.Sent;
        ChangedAt = at;
        Version++;
    }

    public void Become(ReferralState state, DateTimeOffset at)
    {
        State = state;
        ChangedAt = at;
        GivesAccess = ReferralRules.GivesAccess(state);
        if (!ReferralRules.IsOpen(state) && Task is ReferralTask.Opening or ReferralTask.Open)
            Task = ReferralTask.Cancelling;
        Version++;
    }
}

public enum ReferralPurpose
{
    Action,
    Information,
    Study,
    Opinion,
    Reply,
    FollowUp,
    Filing,
}

public enum ReferralState
{
    Sent,
    Seen,
    Accepted,
    Declined,
    Answered,

    /// <summary>Taken back by the sender before it was accepted.</summary>
    Recalled,

    /// <summary>Over; the receiver does not see the letter by it any more.</summary>
    Closed,
}

public enum ReferralTask
{
    Opening,
    Open,
    Cancelling,
    Cancelled,
}
