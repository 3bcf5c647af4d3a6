using Tarasol.Contracts.Directories;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Units;

public static class UnitsEndpoints
{
    public static void AddUnits(this IServiceCollection services) => services.AddTenantSweep<MoveLetters>();

    public static void MapUnits(this IEndpointRouteBuilder routes) => routes.MapEvent<UnitClosed, KeepClosedUnit, CorrespondenceDbContext>();
}
