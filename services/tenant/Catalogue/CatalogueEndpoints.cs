using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Tenants.Catalogue;

public static class CatalogueEndpoints
{
    /// <summary>Call it before AddTenantDatabase, which would ask another service for what is here.</summary>
    public static void AddCatalogue(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PlatformScopes>();
        builder.Services.AddSingleton<LocalTenantCatalogue>();
        builder.Services.AddSingleton<ITenantCatalogue>(services => services.GetRequiredService<LocalTenantCatalogue>());
        builder.Services.AddScoped<ITenantSeed, SeedPlatform>();
    }

    public static void MapCatalogue(this IEndpointRouteBuilder routes)
    {
        var tenants = routes.MapGroup("/internal/tenants").RequireService().WithMetadata(new AnyTenant());
        tenants.MapGet("", ListActiveTenants.HandleAsync);
        tenants.MapGet("edge", ListForGateway.HandleAsync);
        tenants.MapGet("changed", ListChangedTenants.HandleAsync);
        tenants.MapGet("{slug}/databases/{service}", FindDatabase.HandleAsync);
        tenants.MapGet("{slug}/defaults", ReadDefaults.HandleAsync);
    }
}
