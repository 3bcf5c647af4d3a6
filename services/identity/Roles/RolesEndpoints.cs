using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Identity.Roles;

public static class RolesEndpoints
{
    public static void AddRoles(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<ITenantSeed, SeedRoles>();
        builder.Services.AddScoped<RoleNames>();
        builder.Services.AddScoped<RolePermissions>();
        builder.Services.AddServiceClient<PermissionSource>("identity");
        builder.Services.AddSingleton<PermissionCatalogue>();
    }

    public static void MapRoles(this IEndpointRouteBuilder routes)
    {
        var roles = routes.MapGroup("/api/identity/roles").WithTags("roles");
        roles.MapGet("", ListRoles.HandleAsync).RequirePermission(Permissions.ReadUsers);
        roles.MapPost("", CreateRole.HandleAsync).RequirePermission(Permissions.ManageRoles);
        roles.MapPut("{name}", ChangeRole.HandleAsync).RequirePermission(Permissions.ManageRoles);
        roles.MapPut("{name}/mfa", RequireMfa.HandleAsync).RequirePermission(Permissions.ManageRoles);
        roles.MapDelete("{name}", DeleteRole.HandleAsync).RequirePermission(Permissions.ManageRoles);
        routes.MapGet("/api/identity/permissions", ListPermissions.HandleAsync).RequirePermission(Permissions.ReadUsers).WithTags("roles");
    }
}
