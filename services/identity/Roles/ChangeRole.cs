using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Identity.Roles;

/// <summary>PUT /api/identity/roles/{name}: a role of the tenant's own. Those who have it see the change with their next access token, within ten minutes.</summary>
public static class ChangeRole
{
    public static readonly Problem BuiltIn = new("role-built-in", 409,
        new("The role {0} belongs to the platform and cannot be changed; compose one of your own.", "الدور {0} من أدوار المنصة ولا يمكن تغييره؛ كوّن دورا خاصا بك."));

    public sealed record Request([Required, MaxLength(200)] string NameAr, [Required, MaxLength(200)] string NameEn, [MaxLength(500)] IReadOnlyList<string> Permissions);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string name, Body<Request> body, ClaimsPrincipal caller, AccountsDbContext db, RolePermissions permissions, CancellationToken cancel)
    {
        if (await db.Roles.FirstOrDefaultAsync(row => row.Name == name, cancel) is not { } role)
            return CommonProblems.NotFound.Result();
        if (SeededRoles.Has(name))
            return BuiltIn.Result(name);
        await permissions.CheckAsync(body.Value.Permissions, caller, cancel);
        (role.NameAr, role.NameEn) = (body.Value.NameAr, body.Value.NameEn);
        role.ConcurrencyStamp = Guid.CreateVersion7().ToString();
        await permissions.SetAsync(role, body.Value.Permissions, cancel);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
