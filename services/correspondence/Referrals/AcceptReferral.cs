using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Letters;

namespace Tarasol.Correspondence.Referrals;

/// <summary>POST /api/correspondence/referrals/{id}/accept: the receiver takes it on; from now on it cannot be recalled, and can be passed on.</summary>
public static class AcceptReferral
{
    public static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, MoveReferral move, CancellationToken cancel) => move.RunAsync(
        id, user, ReferralState.Accepted, byReceiver: true, TimelineKind.ReferralAccepted,
        (referral, now) => new ReferralAccepted(referral.Id, referral.LetterId, referral.Sender, referral.Receiver, now), answer: null, cancel);
}
