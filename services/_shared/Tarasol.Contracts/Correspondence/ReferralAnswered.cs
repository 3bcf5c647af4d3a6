namespace Tarasol.Contracts.Correspondence;

/// <summary>The receiver of a referral has answered.</summary>
public sealed record ReferralAnswered(Guid ReferralId, Guid LetterId, string Sender, string Receiver, DateTimeOffset AnsweredAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.referral-answered.v1";

    string IEvent.Subject => LetterId.ToString();
}
