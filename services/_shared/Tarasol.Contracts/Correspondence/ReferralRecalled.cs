namespace Tarasol.Contracts.Correspondence;

/// <summary>The sender of a referral took it back before it was accepted.</summary>
public sealed record ReferralRecalled(Guid ReferralId, Guid LetterId, string Sender, string Receiver, DateTimeOffset RecalledAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.referral-recalled.v1";

    string IEvent.Subject => LetterId.ToString();
}
