namespace Tarasol.Contracts.Correspondence;

/// <summary>The receiver of a referral does not take it on.</summary>
public sealed record ReferralDeclined(Guid ReferralId, Guid LetterId, string Sender, string Receiver, DateTimeOffset DeclinedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.referral-declined.v1";

    string IEvent.Subject => LetterId.ToString();
}
