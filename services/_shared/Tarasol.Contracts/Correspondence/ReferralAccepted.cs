namespace Tarasol.Contracts.Correspondence;

/// <summary>The receiver of a referral has taken it on.</summary>
public sealed record ReferralAccepted(Guid ReferralId, Guid LetterId, string Sender, string Receiver, DateTimeOffset AcceptedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.referral-accepted.v1";

    string IEvent.Subject => LetterId.ToString();
}
