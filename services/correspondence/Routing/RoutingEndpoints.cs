using Dapr.Workflow;
using Tarasol.Contracts.Tasks;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Routing;

public static class RoutingEndpoints
{
    public static void AddLetterRouting(this IServiceCollection services)
    {
        services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<LetterRoutingWorkflow>();
            options.RegisterWorkflow<CircuitWorkflow>();
            options.RegisterActivity<OpenTask>();
            options.RegisterActivity<RecordDecision>();
            options.RegisterActivity<CompleteRouting>();
            options.RegisterActivity<AdvanceRouting>();
            options.RegisterActivity<RecordCircuitDecision>();
        });
        services.AddScoped<Assignees>();
        services.AddTenantSweep<StartRoutings>();
        services.AddTenantSweep<ClearInterrupted>();
    }

    public static void MapLetterRouting(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/correspondence/letters/{id:guid}/routing").WithTags("routing");
        letters.MapPost("", RouteLetter.HandleAsync).RequirePermissionByBranch(Permissions.RouteLetter);
        letters.MapPost("{routingId:guid}/interrupt", InterruptRouting.HandleAsync).RequirePermissionByBranch(Permissions.RouteLetter);
        letters.MapGet("{routingId:guid}", ReadRouting.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        routes.MapEvent<TaskDecided, TaskDecidedHandler, CorrespondenceDbContext>();
        routes.MapEvent<TaskReassigned, TaskMovedHandler, CorrespondenceDbContext>();
        routes.MapEvent<TaskTransferred, TaskMovedHandler, CorrespondenceDbContext>();
        routes.MapEvent<OpinionRequested, TaskMovedHandler, CorrespondenceDbContext>();
        routes.MapEvent<OpinionGiven, TaskMovedHandler, CorrespondenceDbContext>();
        routes.MapEvent<DeadlineChanged, TaskMovedHandler, CorrespondenceDbContext>();
        routes.MapEvent<TaskEscalated, TaskMovedHandler, CorrespondenceDbContext>();
    }
}
