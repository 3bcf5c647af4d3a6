using System.Security.Claims;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Correspondence.Referrals;

/// <summary>The referrals that exist for a person: sent by them, or to them and neither recalled nor, being closed, gone; of letters that they are cleared for.</summary>
public sealed class MyReferrals(CorrespondenceDbContext db, TimeProvider time)
{
    public IQueryable<Referral> Of(ClaimsPrincipal user)
    {
        var (me, clearance, today) = (user.UserName(), (Confidentiality)user.Clearance(), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        return db.Referrals.Where(row => row.Sender == me || row.Receiver == me && row.State != ReferralState.Recalled)
            .Where(row => db.Letters.Any(letter => letter.Id == row.LetterId && (letter.Confidentiality <= clearance || letter.ConfidentialUntil < today)));
    }
}
