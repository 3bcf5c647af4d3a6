using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;

namespace Tarasol.Identity.Users;

/// <summary>A user as the API shows it.</summary>
public sealed record UserView(
    Guid Id, string UserName, string DisplayNameAr, string DisplayNameEn, IReadOnlyList<string> Roles, int Clearance, Guid? UnitId, DateTimeOffset CreatedAt, bool Enabled, bool MustChangePassword)
{
    internal static UserView Of(ApplicationUser user, IEnumerable<string> roles) => new(
        user.Id, user.UserName!, user.DisplayNameAr, user.DisplayNameEn, [.. roles.Order(StringComparer.Ordinal)], user.Clearance, user.UnitId, user.CreatedAt,
        user.DisabledAt is null, user.MustChangePassword);

    /// <summary>Names of the roles of each of the users.</summary>
    internal static async Task<ILookup<Guid, string>> RolesAsync(AccountsDbContext db, IReadOnlyCollection<Guid> users, CancellationToken cancel) =>
        (await (from given in db.UserRoles
                join role in db.Roles on given.RoleId equals role.Id
                where users.Contains(given.UserId)
                select new { given.UserId, role.Name }).ToListAsync(cancel))
        .ToLookup(given => given.UserId, given => given.Name!);
}
