namespace Tarasol.Contracts.Correspondence;

/// <summary>A referral is over; its receiver does not see the letter by it any more.</summary>
public sealed record ReferralClosed(Guid ReferralId, Guid LetterId, string Sender, string Receiver, DateTimeOffset ClosedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.referral-closed.v1";

    string IEvent.Subject => LetterId.ToString();
}
