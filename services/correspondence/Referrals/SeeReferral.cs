using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Letters;

namespace Tarasol.Correspondence.Referrals;

/// <summary>POST /api/correspondence/referrals/{id}/seen: the receiver has looked at it.</summary>
public static class SeeReferral
{
    public static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, MoveReferral move, CancellationToken cancel) => move.RunAsync(
        id, user, ReferralState.Seen, byReceiver: true, TimelineKind.ReferralSeen,
        (referral, now) => new ReferralSeen(referral.Id, referral.LetterId, referral.Sender, referral.Receiver, now), answer: null, cancel);
}
