using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Referrals;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Closing;

/// <summary>
/// POST /api/correspondence/letters/{id}/close: nothing more is to be done about a letter, in one of a few ways. Its referrals are over with it, and nobody sees it by them any more. To repeat it is harmless.
/// </summary>
public static class CloseLetter
{
    public static readonly Problem ClosedOtherwise = new("letter-closed", 409, new("This letter is closed already ({0}); reopen it first.", "هذا الخطاب مغلق ({0})؛ أعد فتحه أولا."));

    public sealed record Request(Closure Mode, [MaxLength(4000)] string? Comment = null);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, IOutbox outbox, SweepSignal<FollowReferrals> follow, CurrentTenant tenant,
        TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        if (await (await visible.ForAsync(user, Permissions.CloseLetter, cancel)).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter)
            return CommonProblems.NotFound.Result();
        if (letter.Status == LetterStatus.Closed)
            return letter.Closure == request.Mode ? TypedResults.NoContent() : ClosedOtherwise.Result(WireEnum.Name(letter.Closure!.Value));
        if (letter.Status == LetterStatus.InRouting)
            return Routing.RouteLetter.UnderWay.Result();

        var (now, me) = (time.GetUtcNow(), user.UserName());
        letter.ClosedFrom = letter.Status;
        letter.Status = LetterStatus.Closed;
        letter.Closure = request.Mode;
        var entry = letter.Record(TimelineKind.Closed, me, now);
        entry.Comment = request.Comment;
        entry.Target = WireEnum.Name(request.Mode);
        db.Add(entry);
        foreach (var referral in await db.Referrals.Where(row => row.LetterId == id).ToListAsync(cancel))
        {
            if (!ReferralRules.Allows(referral.State, ReferralState.Closed, byReceiver: false))
                continue;
            referral.Become(ReferralState.Closed, now);
            outbox.Add(new ReferralClosed(referral.Id, id, referral.Sender, referral.Receiver, now));
        }
        outbox.Add(new LetterClosed(id, WireEnum.Name(request.Mode), now));
        await db.SaveChangesAsync(cancel);
        follow.Set(tenant.Slug);
        return TypedResults.NoContent();
    }
}
