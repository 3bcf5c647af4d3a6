using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Directories.Units;

public static class UnitsEndpoints
{
    public static void AddUnits(this IServiceCollection services) => services.AddScoped<UnitTree>();

    public static void MapUnits(this IEndpointRouteBuilder routes)
    {
        var units = routes.MapGroup("/api/directory/units").WithTags("units");
        units.MapPost("", CreateUnit.HandleAsync).RequirePermissionByBranch(Permissions.CreateUnit);
        units.MapGet("{id:guid}", GetUnit.HandleAsync).RequirePermissionByBranch(Permissions.ReadUnits);
        units.MapGet("", ListUnits.HandleAsync).RequirePermissionByBranch(Permissions.ReadUnits);
        units.MapPatch("{id:guid}", ChangeUnit.HandleAsync).RequirePermissionByBranch(Permissions.ManageUnits);
        units.MapPost("{id:guid}/close", CloseUnits.CloseAsync).RequirePermissionByBranch(Permissions.ManageUnits);
        units.MapPost("merge", CloseUnits.MergeAsync).RequirePermissionByBranch(Permissions.ManageUnits);
        routes.MapGet("/internal/units/{id:guid}", FindUnit.HandleAsync).RequireService();
        routes.MapGet("/internal/units/{id:guid}/below", ListUnitsBelow.HandleAsync).RequireService();
        routes.MapGet("/internal/units/by-code/{code}/above", ListUnitsAbove.HandleAsync).RequireService();
    }
}
