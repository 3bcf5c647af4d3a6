using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Letters;

namespace Tarasol.Correspondence.Referrals;

/// <summary>POST /api/correspondence/referrals/{id}/close: the sender is done with it, and with those that it was passed on as: nobody sees the letter because of them any more.</summary>
public static class CloseReferral
{
    public static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, MoveReferral move, CancellationToken cancel) => move.RunAsync(
        id, user, ReferralState.Closed, byReceiver: false, TimelineKind.ReferralClosed,
        (referral, now) => new ReferralClosed(referral.Id, referral.LetterId, referral.Sender, referral.Receiver, now), answer: null, cancel);
}
