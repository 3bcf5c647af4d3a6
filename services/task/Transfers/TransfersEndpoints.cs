using Tarasol.Contracts.Directories;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;

namespace Tarasol.Tasks.Transfers;

public static class TransfersEndpoints
{
    public static void AddTransfers(this IServiceCollection services)
    {
        services.AddScoped<NextInLine>();
        services.AddScoped<MoveWorkOf>();
    }

    public static void MapTransfers(this IEndpointRouteBuilder routes)
    {
        routes.MapEvent<UnitClosed, UnitChanges, TasksDbContext>();
        routes.MapEvent<PositionFilled, UnitChanges, TasksDbContext>();
    }
}
