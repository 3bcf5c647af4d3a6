using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Delegations;
using Tarasol.Delegations.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Delegations.Granting;

/// <summary>POST /api/delegation/delegations/{id}/end: by either of the two or an administrator, at once. Before it is answered the delegate declines instead. Ending it again does nothing.</summary>
public static class EndDelegation
{
    public static readonly Problem NotAnswered = new("delegation-not-answered", 409, new("This delegation waits for your answer: accept or decline it.", "هذا التفويض ينتظر ردك: اقبله أو ارفضه."));

    public sealed record Request([MaxLength(1000)] string? Reason = null);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal user, DelegationDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var me = user.UserName();
        var all = user.Has(Permissions.ManageDelegations);
        if (await db.Delegations.Include(row => row.Changes).FirstOrDefaultAsync(row => row.Id == id && (all || row.Principal == me || row.Delegate == me), cancel) is not { } delegation)
            return CommonProblems.NotFound.Result();
        if (delegation.State is DelegationState.Ended or DelegationState.Withdrawn)
            return TypedResults.NoContent();
        var now = time.GetUtcNow();
        if (!delegation.IsStanding(now))
            return AnswerDelegation.Over.Result();
        var cause = me == delegation.Principal ? EndCause.Principal : me == delegation.Delegate ? EndCause.Delegate : EndCause.Administrator;
        if (delegation.State == DelegationState.Offered && cause == EndCause.Delegate)
            return NotAnswered.Result();
        End(delegation, cause, me, body.Value.Reason, now, outbox);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Ends what holds, takes back what was offered only. The caller saves.</summary>
    internal static void End(Delegation delegation, EndCause cause, string actor, string? reason, DateTimeOffset now, IOutbox outbox)
    {
        if (delegation.State == DelegationState.Offered)
        {
            delegation.Record(DelegationState.Withdrawn, actor, now, cause, reason);
            outbox.Add(new DelegationWithdrawn(delegation.Id, delegation.Principal, delegation.Delegate, WireEnum.Name(cause), reason, now));
        }
        else
        {
            delegation.Record(DelegationState.Ended, actor, now, cause, reason);
            outbox.Add(new DelegationEnded(delegation.Id, delegation.Principal, delegation.Delegate, WireEnum.Name(cause), reason, now));
        }
    }
}
