using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Referrals;

/// <summary>GET /api/correspondence/referrals?box=&amp;state=&amp;letterId=: those that the caller received or sent, newest first.</summary>
public static class ListReferrals
{
    public enum Box
    {
        Received,
        Sent,
    }

    public static async Task<Ok<Page<ReferralView>>> HandleAsync(
        string? box, string? state, Guid? letterId, Paging paging, ClaimsPrincipal user, MyReferrals mine, CancellationToken cancel)
    {
        var errors = new Errors();
        var (wantedBox, wantedState) = (WireEnum.Query<Box>(box, "box", errors), WireEnum.Query<ReferralState>(state, "state", errors));
        errors.ThrowIfAny();
        var me = user.UserName();
        var rows = await mine.Of(user).AsNoTracking()
            .Where(row => wantedBox == null || (wantedBox == Box.Sent ? row.Sender == me : row.Receiver == me))
            .Where(row => wantedState == null || row.State == wantedState)
            .Where(row => letterId == null || row.LetterId == letterId)
            .Where(row => paging.After == null || row.Id < paging.After)
            .OrderByDescending(row => row.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, row => row.Id, ReferralView.Of));
    }
}
