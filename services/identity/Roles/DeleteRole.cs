using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Roles;

/// <summary>DELETE /api/identity/roles/{name}: one of the tenant's own that nobody has.</summary>
public static class DeleteRole
{
    public static readonly Problem InUse = new("role-in-use", 409, new("Somebody has the role {0}; take it away first.", "الدور {0} ممنوح لمستخدمين؛ اسحبه منهم أولا."));

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(string name, AccountsDbContext db, CancellationToken cancel)
    {
        if (await db.Roles.FirstOrDefaultAsync(row => row.Name == name, cancel) is not { } role)
            return CommonProblems.NotFound.Result();
        if (SeededRoles.Has(name))
            return ChangeRole.BuiltIn.Result(name);
        if (await db.UserRoles.AnyAsync(given => given.RoleId == role.Id, cancel) || await db.LimitedRoles.AnyAsync(given => given.RoleId == role.Id, cancel))
            return InUse.Result(name);
        db.Remove(role);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
