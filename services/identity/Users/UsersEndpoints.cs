using Microsoft.AspNetCore.Identity;
using Tarasol.Contracts.Directories;
using Tarasol.Identity.Data;
using Tarasol.Identity.Passwords;
using Tarasol.Identity.Roles;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Identity.Users;

public static class UsersEndpoints
{
    public static void AddUsers(this WebApplicationBuilder builder)
    {
        // Before ASP.NET Core Identity adds its own rules, which ask for kinds of characters.
        builder.Services.AddScoped<IPasswordValidator<ApplicationUser>, PasswordRules>();
        builder.Services.AddIdentityCore<ApplicationUser>(identity =>
            {
                identity.Lockout.MaxFailedAccessAttempts = 5;
                identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(15);
            })
            .AddRoles<ApplicationRole>()
            .AddEntityFrameworkStores<AccountsDbContext>()
            .AddErrorDescriber<AccountErrors>();
        builder.Services.AddScoped<NewUser>();
        builder.Services.AddScoped<UserLimit>();
        builder.Services.AddScoped<AccountSaves>();
        builder.Services.AddScoped<UserChanges>();
        builder.Services.AddScoped<ITenantSeed, SeedOperator>();
    }

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/identity/users").WithTags("users");
        users.MapPost("", CreateUser.HandleAsync).RequirePermission(Permissions.CreateUser);
        users.MapGet("", ListUsers.HandleAsync).RequirePermission(Permissions.ReadUsers);
        users.MapGet("{id:guid}", ReadUser.HandleAsync).RequirePermission(Permissions.ReadUsers);
        users.MapDelete("{id:guid}", RemoveUser.HandleAsync).RequirePermission(Permissions.ManageUsers);
        users.MapPost("{id:guid}/disable", DisableUser.HandleAsync).RequirePermission(Permissions.ManageUsers);
        users.MapPost("{id:guid}/enable", EnableUser.HandleAsync).RequirePermission(Permissions.ManageUsers);
        users.MapPut("{id:guid}/roles", SetUserRoles.HandleAsync).RequirePermission(Permissions.ManageUsers);
        users.MapPut("{id:guid}/clearance", SetClearance.HandleAsync).RequirePermission(Permissions.ManageUsers);
        routes.MapGet("/api/identity/me", ReadMe.HandleAsync).WithTags("users");
        routes.MapEvent<UnitClosed, FollowUnits, AccountsDbContext>();

        routes.MapGet("/internal/users/by-name/{userName}", FindUserByName.HandleAsync).RequireService();
        routes.MapGet("/internal/users/of-unit/{unitId:guid}", FindUsersOfUnit.HandleAsync).RequireService();
        routes.MapPost("/internal/users/check", CheckUser.HandleAsync).RequireService();
        routes.MapPost("/internal/tenants/{slug}/first-admin", CreateFirstAdmin.HandleAsync).RequireService().WithMetadata(new AnyTenant());
    }
}
