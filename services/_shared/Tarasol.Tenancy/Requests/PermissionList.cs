using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tenancy;

/// <summary>GET /internal/permissions: what roles can allow in this service. The same for all tenants.</summary>
internal static class PermissionList
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/internal/permissions", (IServiceProvider services) =>
            TypedResults.Ok((services.GetService<DeclaredPermissions>()?.All ?? []).Select(each => new DeclaredPermission(each.Permission, each.Name.Ar, each.Name.En, each.ByBranch, each.PlatformOnly))))
        .RequireService().WithMetadata(new AnyTenant());
}

/// <summary>A permission as services tell it each other.</summary>
public sealed record DeclaredPermission(string Permission, string NameAr, string NameEn, bool ByBranch, bool PlatformOnly);
