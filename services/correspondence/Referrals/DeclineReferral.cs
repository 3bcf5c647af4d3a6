using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Letters;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Referrals;

/// <summary>POST /api/correspondence/referrals/{id}/decline: the receiver does not take it on, for a reason.</summary>
public static class DeclineReferral
{
    public sealed record Request([Required, MaxLength(4000)] string Reason);

    public static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, Body<Request> body, ClaimsPrincipal user, MoveReferral move, CancellationToken cancel) => move.RunAsync(
        id, user, ReferralState.Declined, byReceiver: true, TimelineKind.ReferralDeclined,
        (referral, now) => new ReferralDeclined(referral.Id, referral.LetterId, referral.Sender, referral.Receiver, now), body.Value.Reason, cancel);
}
