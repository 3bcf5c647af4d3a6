using Dapr.Workflow;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tasks.Data;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Deadlines;

public static class DeadlinesEndpoints
{
    public static void AddDeadlines(this IServiceCollection services)
    {
        services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<DeadlineWorkflow>();
            options.RegisterActivity<RaiseAlarms>();
        });
        services.AddScoped<Calendars>();
        services.AddScoped<TaskClock>();
        services.AddScoped<Heads>();
        services.AddTenantSweep<WatchDeadlines>();
    }

    public static void MapDeadlines(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/task/tasks/{id:guid}").WithTags("deadlines");
        tasks.MapGet("deadline", ReadDeadline.HandleAsync).RequirePermission(Permissions.ReadTasks);
        tasks.MapPost("clock/stop", StopClock.HandleAsync).RequirePermission(Permissions.DecideTask);
        tasks.MapPost("clock/resume", ResumeClock.HandleAsync).RequirePermission(Permissions.DecideTask);
        routes.MapEvent<CalendarPublished, KeepCalendar, TasksDbContext>();
        routes.MapEvent<DeadlinePolicyPublished, KeepDeadlinePolicy, TasksDbContext>();
        tasks.MapPost("extension", ExtendDeadline.HandleAsync).RequirePermission(Permissions.ChangeDeadlines);
    }
}
