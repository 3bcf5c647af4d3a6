namespace Tarasol.Contracts.Correspondence;

/// <summary>The receiver of a referral has looked at it.</summary>
public sealed record ReferralSeen(Guid ReferralId, Guid LetterId, string Sender, string Receiver, DateTimeOffset SeenAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.referral-seen.v1";

    string IEvent.Subject => LetterId.ToString();
}
