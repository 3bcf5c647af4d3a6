using Tarasol.Contracts.Delegations;
using Tarasol.Messaging;
using Tarasol.Tasks.Data;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Delegations;

public static class DelegationsEndpoints
{
    public static void AddDelegations(this IServiceCollection services)
    {
        services.AddScoped<Delegates>();
        services.AddTenantSweep<ReturnDelegated>();
    }

    public static void MapDelegations(this IEndpointRouteBuilder routes)
    {
        routes.MapEvent<DelegationAccepted, DelegationChanges, TasksDbContext>();
        routes.MapEvent<DelegationEnded, DelegationChanges, TasksDbContext>();
    }
}
