using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Tenants;

public static class TenantsEndpoints
{
    public static void MapTenants(this IEndpointRouteBuilder routes)
    {
        // Whatever a role of another tenant may come to hold: only the platform's own people see the catalogue.
        var tenants = routes.MapGroup("/api/tenant/tenants").WithTags("tenants")
            .RequireAuthorization(policy => policy.RequireClaim(TokenRules.TenantClaim, PlatformTenant.Slug));
        tenants.MapPost("", CreateTenant.HandleAsync).RequirePermission(Permissions.CreateTenant);
        tenants.MapGet("", ListTenants.HandleAsync).RequirePermission(Permissions.ReadTenants);
        tenants.MapGet("{slug}", ReadTenant.HandleAsync).RequirePermission(Permissions.ReadTenants);
        tenants.MapPatch("{slug}", ChangeTenant.HandleAsync).RequirePermission(Permissions.ChangeTenant);
        tenants.MapPost("{slug}/provisioning/retry", RetryProvisioning.HandleAsync).RequirePermission(Permissions.CreateTenant);
        tenants.MapPost("{slug}/suspend", ChangeStatus.SuspendAsync).RequirePermission(Permissions.SuspendTenant);
        tenants.MapPost("{slug}/resume", ChangeStatus.ResumeAsync).RequirePermission(Permissions.SuspendTenant);
    }
}
