using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Identity.Roles;
using Tarasol.Messaging;

namespace Tarasol.Identity.Users;

/// <summary>The one way in which accounts come to be: account, roles and event are saved together.</summary>
internal sealed class NewUser(AccountsDbContext db, UserManager<ApplicationUser> users, IOutbox outbox)
{
    /// <summary>Adds the account, or tells which rule of ASP.NET Core Identity it breaks; then nothing is saved.</summary>
    /// <param name="user">Gets an id when it has none.</param>
    /// <param name="password">In clear.</param>
    /// <param name="roles">Roles of this tenant.</param>
    public async Task<IdentityResult> AddAsync(ApplicationUser user, string password, IReadOnlyList<ApplicationRole> roles)
    {
        if (user.Id == Guid.Empty)
            user.Id = Guid.CreateVersion7(user.CreatedAt);
        // CreateAsync saves the context with all that is in it, so these go in the same transaction.
        db.AddRange(roles.Select(role => new IdentityUserRole<Guid> { UserId = user.Id, RoleId = role.Id }));
        outbox.Add(new UserCreated(user.Id, user.UserName!, user.DisplayNameAr, user.DisplayNameEn, [.. roles.Select(role => role.Name!)], user.Clearance, user.UnitId, user.CreatedAt));
        try
        {
            return await users.CreateAsync(user, password);
        }
        catch (DbUpdateException) when (NameIsTaken(user))
        {
            return IdentityResult.Failed(users.ErrorDescriber.DuplicateUserName(user.UserName!));
        }
    }

    private bool NameIsTaken(ApplicationUser user)
    {
        var name = users.NormalizeName(user.UserName);
        return db.Users.AsNoTracking().IgnoreQueryFilters().Any(other => other.NormalizedUserName == name && other.Id != user.Id);
    }
}
