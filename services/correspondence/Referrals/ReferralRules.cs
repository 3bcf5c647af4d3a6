namespace Tarasol.Correspondence.Referrals;

/// <summary>What can become of a referral, by whom.</summary>
public static class ReferralRules
{
    /// <summary>What a referral can become by an act of its receiver (else of its sender).</summary>
    public static bool Allows(ReferralState from, ReferralState to, bool byReceiver) => (from, to) switch
    {
        (ReferralState.Sent, ReferralState.Seen) => byReceiver,
        (ReferralState.Sent or ReferralState.Seen, ReferralState.Accepted or ReferralState.Declined) => byReceiver,
        (ReferralState.Sent or ReferralState.Seen or ReferralState.Accepted, ReferralState.Answered) => byReceiver,
        (ReferralState.Sent or ReferralState.Seen, ReferralState.Recalled) => !byReceiver,
        (not (ReferralState.Closed or ReferralState.Recalled), ReferralState.Closed) => !byReceiver,
        _ => false,
    };

    /// <summary>The receiver sees the letter because of it.</summary>
    public static bool GivesAccess(ReferralState state) => state is ReferralState.Sent or ReferralState.Seen or ReferralState.Accepted or ReferralState.Answered;

    /// <summary>Something is expected of the receiver.</summary>
    public static bool IsOpen(ReferralState state) => state is ReferralState.Sent or ReferralState.Seen or ReferralState.Accepted;
}
