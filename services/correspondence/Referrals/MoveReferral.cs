using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Referrals;

/// <summary>What all acts on a referral have in common. To repeat one is harmless.</summary>
public sealed class MoveReferral(
    MyReferrals mine, CorrespondenceDbContext db, IOutbox outbox, SweepSignal<FollowReferrals> follow, CurrentTenant tenant, TimeProvider time)
{
    public static readonly Problem NotNow = new("referral-not-now", 409, new("The referral is {0}; this cannot be done any more.", "حالة الإحالة {0} ولا يمكن هذا الإجراء بعدها."));

    /// <summary>Makes the referral what it is to be, with its event and its timeline entry.</summary>
    /// <param name="id">Which.</param>
    /// <param name="user">Who does it.</param>
    /// <param name="to">What it becomes.</param>
    /// <param name="byReceiver">Whose act it is; for the other one the act does not exist.</param>
    /// <param name="kind">Of the timeline.</param>
    /// <param name="told">The event.</param>
    /// <param name="answer">In the receiver's words.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Results<NoContent, ProblemHttpResult>> RunAsync<TEvent>(
        Guid id, ClaimsPrincipal user, ReferralState to, bool byReceiver, TimelineKind kind, Func<Referral, DateTimeOffset, TEvent> told, string? answer, CancellationToken cancel)
        where TEvent : IEvent
    {
        var me = user.UserName();
        if (await mine.Of(user).FirstOrDefaultAsync(row => row.Id == id && (byReceiver ? row.Receiver == me : row.Sender == me), cancel) is not { } referral)
            return CommonProblems.NotFound.Result();
        if (referral.State == to && (answer is null || referral.Answer == answer))
            return TypedResults.NoContent();
        if (!ReferralRules.Allows(referral.State, to, byReceiver))
            return NotNow.Result(WireEnum.Name(referral.State));
        var letter = await db.Letters.FirstAsync(row => row.Id == referral.LetterId, cancel);
        var now = time.GetUtcNow();
        Apply(referral);
        if (to == ReferralState.Closed)
        {
            // Whoever it was passed on to had it only through this one.
            foreach (var below in await BelowAsync(referral, cancel))
                Apply(below);
        }
        await db.SaveChangesAsync(cancel);
        follow.Set(tenant.Slug);
        return TypedResults.NoContent();

        void Apply(Referral each)
        {
            each.Become(to, now);
            each.Answer = answer ?? each.Answer;
            db.Add(each.Told(letter, kind, me, byReceiver ? each.Sender : each.Receiver, now));
            outbox.Add(told(each, now));
        }
    }

    private async Task<List<Referral>> BelowAsync(Referral root, CancellationToken cancel)
    {
        var all = await db.Referrals.Where(row => row.LetterId == root.LetterId && row.ParentId != null).ToListAsync(cancel);
        var found = new List<Referral>();
        var open = new Queue<Guid>([root.Id]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in all.Where(row => row.ParentId == parent))
            {
                open.Enqueue(child.Id);
                if (ReferralRules.Allows(child.State, ReferralState.Closed, byReceiver: false))
                    found.Add(child);
            }
        }
        return found;
    }
}
