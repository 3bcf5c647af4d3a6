using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Referrals;

/// <summary>GET /api/correspondence/referrals/{id}</summary>
public static class ReadReferral
{
    public static async Task<Results<Ok<ReferralView>, ProblemHttpResult>> HandleAsync(Guid id, ClaimsPrincipal user, MyReferrals mine, CancellationToken cancel) =>
        await mine.Of(user).AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancel) is { } row ? TypedResults.Ok(ReferralView.Of(row)) : CommonProblems.NotFound.Result();
}
