using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Delegations;
using Tarasol.Delegations.Calls;
using Tarasol.Delegations.Data;
using Tarasol.Delegations.People;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Delegations.Granting;

/// <summary>POST /api/delegation/delegations/{id}/accept and /decline: the answer of the person who was asked. Giving the same answer again does nothing.</summary>
public static class AnswerDelegation
{
    public static readonly Problem NotOffered = new("delegation-not-offered", 409, new("This delegation does not wait for an answer any more.", "هذا التفويض لم يعد ينتظر ردا."));
    public static readonly Problem Over = new("delegation-over", 409, new("This delegation is over.", "هذا التفويض منته."));

    public sealed record Refusal([MaxLength(1000)] string? Reason = null);

    public static async Task<Results<NoContent, ProblemHttpResult>> AcceptAsync(
        Guid id, ClaimsPrincipal user, UnitsOfTenant units, KnownPeople people, DelegationDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        if (await FindAsync(id, user, db, cancel) is not { } delegation)
            return CommonProblems.NotFound.Result();
        if (delegation.State == DelegationState.Accepted)
            return TypedResults.NoContent();
        if (delegation.State != DelegationState.Offered)
            return NotOffered.Result();
        var now = time.GetUtcNow();
        if (now >= delegation.EndsAt)
            return Over.Result();
        // Units may have moved since it was offered, so that it now meets one that holds.
        var holding = await OfferDelegation.StandingBeside(db, delegation, now).Where(row => row.State == DelegationState.Accepted).ToListAsync(cancel);
        var sets = await units.SetsAsync(holding.Select(each => each.Scope).Append(delegation.Scope), cancel);
        if (DelegationRules.Collides(delegation, holding, sets) is { } collision)
            return OfferDelegation.ProblemOf(collision);

        await people.TakeTurnsAsync([delegation.Principal, delegation.Delegate], cancel);
        delegation.Record(DelegationState.Accepted, user.UserName(), now);
        outbox.Add(new DelegationAccepted(
            delegation.Id, delegation.Principal, delegation.Delegate, DelegationView.Contract(delegation.Scope), WireEnum.Name(delegation.Confidentiality),
            delegation.StartsAt > now ? delegation.StartsAt : now, delegation.EndsAt, now));
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeclineAsync(
        Guid id, Body<Refusal> body, ClaimsPrincipal user, DelegationDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        if (await FindAsync(id, user, db, cancel) is not { } delegation)
            return CommonProblems.NotFound.Result();
        if (delegation.State == DelegationState.Declined)
            return TypedResults.NoContent();
        if (delegation.State != DelegationState.Offered)
            return NotOffered.Result();
        var now = time.GetUtcNow();
        delegation.Record(DelegationState.Declined, user.UserName(), now, reason: body.Value.Reason);
        outbox.Add(new DelegationDeclined(delegation.Id, delegation.Principal, delegation.Delegate, body.Value.Reason, now));
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Delegation?> FindAsync(Guid id, ClaimsPrincipal user, DelegationDbContext db, CancellationToken cancel)
    {
        var me = user.UserName();
        return await db.Delegations.Include(row => row.Changes).FirstOrDefaultAsync(row => row.Id == id && row.Delegate == me, cancel);
    }
}
