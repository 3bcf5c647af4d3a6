using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tasks.WorkItems;

public static class WorkItemsEndpoints
{
    public static void AddWorkItems(this IServiceCollection services) => services.AddScoped<MakeDecision>();

    public static void MapWorkItems(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/task/tasks").WithTags("tasks");
        tasks.MapGet("", ListWorkItems.HandleAsync).RequirePermission(Permissions.ReadTasks);
        tasks.MapGet("{id:guid}", ReadWorkItem.HandleAsync).RequirePermission(Permissions.ReadTasks);
        tasks.MapPost("{id:guid}/decision", DecideWorkItem.HandleAsync).RequirePermission(Permissions.DecideTask);
        tasks.MapPost("{id:guid}/reassign", ReassignWorkItem.HandleAsync).RequirePermission(Permissions.DecideTask);
        tasks.MapPost("{id:guid}/take", TakeWorkItem.HandleAsync).RequirePermission(Permissions.DecideTask);
        tasks.MapPost("{id:guid}/opinions", AskOpinion.HandleAsync).RequirePermission(Permissions.DecideTask);
        tasks.MapDelete("{id:guid}/opinions/{opinionId:guid}", WithdrawOpinion.HandleAsync).RequirePermission(Permissions.DecideTask);
        routes.MapPost("/api/task/decisions", DecideManyWorkItems.HandleAsync).RequirePermission(Permissions.DecideTask).WithTags("tasks");
        routes.MapPost("/internal/tasks", OpenWorkItem.HandleAsync).RequireService();
        routes.MapPost("/internal/tasks/{id:guid}/cancel", CancelWorkItem.HandleAsync).RequireService();
    }
}
