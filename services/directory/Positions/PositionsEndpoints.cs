using Tarasol.Contracts.Identity;
using Tarasol.Directories.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Directories.Positions;

public static class PositionsEndpoints
{
    public static void AddPositions(this IServiceCollection services)
    {
        services.AddScoped<VisiblePositions>();
        services.AddScoped<Vacancies>();
    }

    public static void MapPositions(this IEndpointRouteBuilder routes)
    {
        var positions = routes.MapGroup("/api/directory/positions").WithTags("positions");
        positions.MapPost("", CreatePosition.HandleAsync).RequirePermissionByBranch(Permissions.ManagePositions);
        positions.MapGet("", ReadPosition.ListAsync).RequirePermissionByBranch(Permissions.ReadUnits);
        positions.MapGet("{id:guid}", ReadPosition.HandleAsync).RequirePermissionByBranch(Permissions.ReadUnits);
        positions.MapPost("{id:guid}/fill", FillPosition.HandleAsync).RequirePermissionByBranch(Permissions.ManagePositions);
        positions.MapPost("{id:guid}/vacate", VacatePosition.VacateAsync).RequirePermissionByBranch(Permissions.ManagePositions);
        positions.MapPost("{id:guid}/close", VacatePosition.CloseAsync).RequirePermissionByBranch(Permissions.ManagePositions);
        routes.MapGet("/internal/units/{id:guid}/head", FindHead.HandleAsync).RequireService();
        routes.MapGet("/internal/units/{id:guid}/roles/{role}", FindHolders.RoleAsync).RequireService();
        routes.MapGet("/internal/people/{userName}/positions", FindHolders.PersonAsync).RequireService();
        routes.MapEvent<UserUpdated, PersonLeft, DirectoryDbContext>();
        routes.MapEvent<UserRemoved, PersonLeft, DirectoryDbContext>();
    }
}
