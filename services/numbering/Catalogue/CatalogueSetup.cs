using Tarasol.Numbering.Calls;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Catalogue;

public static class CatalogueSetup
{
    public static void AddCatalogue(this IServiceCollection services)
    {
        services.AddScoped<SeriesChoice>();
        services.AddServiceClient<UnitTree>("directory");
    }

    public static void MapCatalogue(this IEndpointRouteBuilder routes)
    {
        var series = routes.MapGroup("/api/numbering/series").WithTags("series");
        series.MapGet("", ListSeries.HandleAsync).RequirePermission(Permissions.ReadSeries);
        series.MapGet("{key}", ReadSeries.HandleAsync).RequirePermission(Permissions.ReadSeries);
        series.MapPost("", CreateSeries.HandleAsync).RequirePermission(Permissions.ManageSeries);
        series.MapPut("{key}/mask", ChangeMask.HandleAsync).RequirePermission(Permissions.ManageSeries);
        series.MapPost("{key}/close", CloseSeries.HandleAsync).RequirePermission(Permissions.ManageSeries);
    }
}
