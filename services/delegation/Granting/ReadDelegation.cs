using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Delegations.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Delegations.Granting;

/// <summary>GET /api/delegation/delegations/{id}: with everything that became of it. Others than the two and administrators do not see it.</summary>
public static class ReadDelegation
{
    public sealed record Change(DelegationState Kind, DateTimeOffset At, string Actor, EndCause? Cause, string? Reason);

    public sealed record Response(DelegationView Delegation, IReadOnlyList<Change> History);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, DelegationDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var me = user.UserName();
        var all = user.Has(Permissions.ManageDelegations) || user.Has(Permissions.ReadAuthority);
        return await db.Delegations.AsNoTracking().Include(row => row.Changes).FirstOrDefaultAsync(row => row.Id == id && (all || row.Principal == me || row.Delegate == me), cancel) is { } delegation
            ? TypedResults.Ok(new Response(
                DelegationView.Of(delegation, time.GetUtcNow()),
                [.. delegation.Changes.OrderBy(change => change.Number).Select(change => new Change(change.Kind, change.At, change.Actor, change.Cause, change.Reason))]))
            : CommonProblems.NotFound.Result();
    }
}
