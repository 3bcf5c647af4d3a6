using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Letters;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Referrals;

/// <summary>POST /api/correspondence/referrals/{id}/answer: what the receiver did or has to say.</summary>
public static class AnswerReferral
{
    public sealed record Request([Required, MaxLength(4000)] string Answer);

    public static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid id, Body<Request> body, ClaimsPrincipal user, MoveReferral move, CancellationToken cancel) => move.RunAsync(
        id, user, ReferralState.Answered, byReceiver: true, TimelineKind.ReferralAnswered,
        (referral, now) => new ReferralAnswered(referral.Id, referral.LetterId, referral.Sender, referral.Receiver, now), body.Value.Answer, cancel);
}
