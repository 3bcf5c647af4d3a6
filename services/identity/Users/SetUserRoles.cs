using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Roles;
using Tarasol.Identity.Sessions;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Users;

/// <summary>
/// PUT /api/identity/users/{id}/roles: exactly these, for the whole organisation or (<c>limited</c>) for a unit and those below it. When one is taken away, the tokens that
/// still hold it are refused at once.
/// </summary>
public static class SetUserRoles
{
    public const string Reason = "rights-changed";

    public sealed record Limited([Required, MaxLength(100)] string Role, Guid UnitId);

    public sealed record Request([MaxLength(20)] IReadOnlyList<string> Roles, [MaxLength(50)] IReadOnlyList<Limited>? Limited = null);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, ClaimsPrincipal caller, AccountsDbContext db, RoleNames names, UserChanges changes, AccountSaves saves, UserSessions sessions, CancellationToken cancel)
    {
        if (await db.Users.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } user)
            return CommonProblems.NotFound.Result();
        var wanted = await names.FindAsync(body.Value.Roles, "roles[{0}]", caller, cancel);
        var limited = await LimitedAsync(id, body.Value.Limited ?? [], names, caller, cancel);
        var held = await db.UserRoles.Where(given => given.UserId == id).ToListAsync(cancel);
        var taken = held.Where(given => !wanted.Exists(role => role.Id == given.RoleId)).ToList();
        if (taken.Count > 0 && !wanted.Exists(UserChanges.IsAdministrator) && await changes.IsLastAdministratorAsync(id, cancel))
            return UserChanges.LastAdministrator.Result();
        db.RemoveRange(taken);
        db.AddRange(wanted.Where(role => !held.Exists(given => given.RoleId == role.Id)).Select(role => new IdentityUserRole<Guid> { UserId = id, RoleId = role.Id }));
        var heldLimited = await db.LimitedRoles.Where(given => given.UserId == id).ToListAsync(cancel);
        var takenLimited = heldLimited.Where(given => !limited.Exists(given.IsSame)).ToList();
        db.RemoveRange(takenLimited);
        db.AddRange(limited.Where(given => !heldLimited.Exists(given.IsSame)));
        if (taken.Count + takenLimited.Count > 0)
            sessions.RevokeAccess(user, Reason);
        changes.Tell(user, wanted.Select(role => role.Name!));
        await saves.SaveAsync(user);
        return TypedResults.NoContent();
    }

    private static async Task<List<LimitedRole>> LimitedAsync(Guid user, IReadOnlyList<Limited> given, RoleNames names, ClaimsPrincipal caller, CancellationToken cancel)
    {
        var roles = (await names.FindAsync([.. given.Select(each => each.Role)], "limited[{0}].role", caller, cancel)).ToDictionary(role => role.Name!, StringComparer.OrdinalIgnoreCase);
        return [.. given.Select(each => (Role: roles[each.Role].Id, each.UnitId)).Distinct().Select(each => new LimitedRole { UserId = user, RoleId = each.Role, UnitId = each.UnitId })];
    }
}
