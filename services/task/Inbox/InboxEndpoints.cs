using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tasks.Inbox;

public static class InboxEndpoints
{
    public static void MapInbox(this IEndpointRouteBuilder routes)
    {
        var inbox = routes.MapGroup("/api/task/inbox").WithTags("inbox");
        inbox.MapGet("", ListInbox.HandleAsync).RequirePermission(Permissions.ReadTasks);
        inbox.MapGet("counts", CountInbox.HandleAsync).RequirePermission(Permissions.ReadTasks);
        inbox.MapGet("next", NextInInbox.HandleAsync).RequirePermission(Permissions.ReadTasks);
        inbox.MapGet("filters", ListFilters.HandleAsync).RequirePermission(Permissions.ReadTasks);
        inbox.MapPost("filters", SaveFilter.HandleAsync).RequirePermission(Permissions.ReadTasks);
        inbox.MapDelete("filters/{id:guid}", DeleteFilter.HandleAsync).RequirePermission(Permissions.ReadTasks);
        routes.MapPut("/api/task/tasks/{id:guid}/marks", MarkTask.HandleAsync).RequirePermission(Permissions.ReadTasks).WithTags("inbox");
    }
}
