using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Roles;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Users;

/// <summary>POST /internal/tenants/{slug}/first-admin: the last step of provisioning, while the tenant is not active yet. Asking again changes nothing.</summary>
public static class CreateFirstAdmin
{
    private const int HighestClearance = 3;

    public sealed record Request([Required, MaxLength(100), RegularExpression(UserNames.Pattern)] string UserName, [Required, MaxLength(200)] string Password);

    internal static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string slug, Body<Request> body, ITenantCatalogue catalogue, TenantScopes tenants, IServiceProvider services, TimeProvider time, CancellationToken cancel)
    {
        if (await catalogue.FindAsync(slug, cancel) is not { } entry)
            return TenancyProblems.Unknown.Result();
        await tenants.EnterAsync(services, entry, cancel);

        var db = services.GetRequiredService<AccountsDbContext>();
        var request = body.Value;
        var admin = new ApplicationUser
        {
            UserName = request.UserName,
            DisplayNameAr = request.UserName,
            DisplayNameEn = request.UserName,
            Clearance = HighestClearance,
            CreatedAt = time.GetUtcNow(),
        };
        var role = await db.Roles.SingleAsync(role => role.Name == SeededRoles.TenantAdmin, cancel);
        var added = await services.GetRequiredService<NewUser>().AddAsync(admin, request.Password, [role]);
        // The name is taken: an earlier attempt came this far.
        AccountErrors.ByField(added.Errors.Where(error => error.Code != nameof(IdentityErrorDescriber.DuplicateUserName))).ThrowIfAny();
        return TypedResults.NoContent();
    }
}
