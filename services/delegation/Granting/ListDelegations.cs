using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Delegations.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Delegations.Granting;

/// <summary>GET /api/delegation/delegations?side=&amp;state=&amp;user=&amp;everyone=: newest first; the caller's own unless an administrator asks for those of another or of everyone.</summary>
public static class ListDelegations
{
    public enum Side
    {
        Given,
        Received,
    }

    public static async Task<Results<Ok<Page<DelegationView>>, ProblemHttpResult>> HandleAsync(
        string? side, string? state, string? user, bool? everyone, Paging paging, ClaimsPrincipal caller, DelegationDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var errors = new Errors();
        var wantedSide = WireEnum.Query<Side>(side, "side", errors);
        var wantedState = WireEnum.Query<DelegationState>(state, "state", errors);
        errors.ThrowIfAny();
        var whose = string.IsNullOrEmpty(user) ? caller.UserName() : user;
        var all = everyone == true;
        if ((all || whose != caller.UserName()) && !caller.Has(Permissions.ManageDelegations) && !caller.Has(Permissions.ReadAuthority))
            return CommonProblems.Forbidden.Result();
        var (given, received) = (wantedSide != Side.Received, wantedSide != Side.Given);
        var rows = await db.Delegations.AsNoTracking()
            .Where(row => all || given && row.Principal == whose || received && row.Delegate == whose)
            .Where(row => wantedState == null || row.State == wantedState)
            .Where(row => paging.After == null || row.Id < paging.After)
            .OrderByDescending(row => row.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        var now = time.GetUtcNow();
        return TypedResults.Ok(paging.Page(rows, row => row.Id, row => DelegationView.Of(row, now)));
    }
}
