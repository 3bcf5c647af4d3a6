using System.Security.Claims;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Correspondence.Letters;

/// <summary>
/// Which letters a person may know of: those up to their clearance or past the last day of their confidentiality, once registered, and of the units that their role is for; to read also those
/// that were referred to them, while that lasts. All others do not exist for them.
/// </summary>
public sealed class VisibleLetters(CorrespondenceDbContext db, UnitsOfTenant units, TimeProvider time)
{
    /// <summary>The letters that the person may do this with.</summary>
    public async Task<IQueryable<Letter>> ForAsync(ClaimsPrincipal user, string permission, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var clearance = (Confidentiality)user.Clearance();
        var letters = db.Letters.Where(letter => (letter.Confidentiality <= clearance || letter.ConfidentialUntil < today) && letter.Status != LetterStatus.Registering);
        if (user.BranchesOf(permission) is not { } roots)
            return letters;
        var owned = await units.BelowAsync(roots, cancel);
        if (permission != Permissions.ReadLetters)
            return letters.Where(letter => owned.Contains(letter.OwnerUnitId));
        var me = user.UserName();
        return letters.Where(letter => owned.Contains(letter.OwnerUnitId) || db.Referrals.Any(referral => referral.LetterId == letter.Id && referral.Receiver == me && referral.GivesAccess));
    }
}
