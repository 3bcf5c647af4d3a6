using Dapr.Client;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Roles;
using Tarasol.Identity.Secrets;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Identity.Users;

/// <summary>The platform's first operator, with the password of the secret <c>operator-password</c>. Once the account is there, the secret has no effect.</summary>
internal sealed class SeedOperator(
    AccountsDbContext db, NewUser newUser, UserManager<ApplicationUser> users, CurrentTenant tenant, DaprClient dapr, TimeProvider time) : ITenantSeed
{
    private const string Name = "operator";

    public async Task SeedAsync(CancellationToken cancel)
    {
        if (tenant.Slug != PlatformTenant.Slug || await users.FindByNameAsync(Name) is not null)
            return;
        var user = new ApplicationUser
        {
            UserName = Name,
            DisplayNameAr = "مشغّل المنصة",
            DisplayNameEn = "Platform operator",
            Clearance = 0,
            CreatedAt = time.GetUtcNow(),
        };
        var role = await db.Roles.SingleAsync(role => role.Name == SeededRoles.PlatformOperator, cancel);
        var added = await newUser.AddAsync(user, await dapr.ReadSecretAsync("operator-password", cancel), [role]);
        if (!added.Succeeded)
            throw new InvalidOperationException($"The secret operator-password does not do: {string.Join("; ", added.Errors.Select(error => error.Description))}.");
    }
}
