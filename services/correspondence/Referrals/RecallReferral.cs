using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Letters;

namespace Tarasol.Correspondence.Referrals;

/// <summary>POST /api/correspondence/referrals/{id}/recall: the sender takes it back, as long as it was not accepted; for the receiver it was never there.</summary>
public static class RecallReferral
{
    public static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, MoveReferral move, CancellationToken cancel) => move.RunAsync(
        id, user, ReferralState.Recalled, byReceiver: false, TimelineKind.ReferralRecalled,
        (referral, now) => new ReferralRecalled(referral.Id, referral.LetterId, referral.Sender, referral.Receiver, now), answer: null, cancel);
}
