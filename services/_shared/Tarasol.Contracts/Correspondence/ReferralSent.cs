namespace Tarasol.Contracts.Correspondence;

/// <summary>A letter was passed on to a person. What was written with it is for that person only.</summary>
public sealed record ReferralSent(Guid ReferralId, Guid LetterId, Guid BatchId, Guid? ParentId, string Sender, string Receiver, string Purpose, DateTimeOffset? DueAt, DateTimeOffset SentAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.referral-sent.v1";

    string IEvent.Subject => LetterId.ToString();
}
