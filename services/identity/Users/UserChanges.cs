using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Roles;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Users;

/// <summary>What all changes of an account by an admin have in common.</summary>
internal sealed class UserChanges(AccountsDbContext db, IOutbox outbox, TimeProvider time)
{
    public static readonly Problem LastAdministrator = new("last-administrator", 409,
        new("This is the last administrator who can sign in; name another one first.", "هذا آخر مدير يستطيع الدخول؛ عيّن مديرا آخر أولا."));

    private static readonly string[] Administrators = [SeededRoles.TenantAdmin, SeededRoles.PlatformOperator];

    public static bool IsAdministrator(ApplicationRole role) => Administrators.Contains(role.Name);

    /// <summary>True when nobody could administer the tenant any more without this person.</summary>
    public async Task<bool> IsLastAdministratorAsync(Guid user, CancellationToken cancel)
    {
        var holders = await (from given in db.UserRoles
                             join role in db.Roles on given.RoleId equals role.Id
                             join account in db.Users on given.UserId equals account.Id
                             where Administrators.Contains(role.Name) && account.DisabledAt == null
                             select given.UserId).Distinct().OrderBy(id => id).Take(2).ToListAsync(cancel);
        return holders.Count == 1 && holders[0] == user;
    }

    /// <summary>Tells others how the account is now. The caller saves.</summary>
    public void Tell(ApplicationUser user, IEnumerable<string> roles) => outbox.Add(new UserUpdated(
        user.Id, user.UserName!, user.DisplayNameAr, user.DisplayNameEn, [.. roles.Order(StringComparer.Ordinal)], user.Clearance, user.UnitId, user.DisabledAt is null, time.GetUtcNow()));

    /// <summary>Tells others how the account is now, with the roles that it has in the database.</summary>
    public async Task TellAsync(ApplicationUser user, CancellationToken cancel) => Tell(user, (await UserView.RolesAsync(db, [user.Id], cancel))[user.Id]);
}
