using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Administration.Deadlines;

public static class DeadlinePolicyEndpoints
{
    public static void MapDeadlinePolicy(this IEndpointRouteBuilder routes)
    {
        var policy = routes.MapGroup("/api/admin/deadline-policy").WithTags("deadline-policy");
        policy.MapGet("", ReadDeadlinePolicy.HandleAsync).RequirePermission(Permissions.ReadSettings);
        policy.MapPut("draft", ChangeDeadlinePolicyDraft.HandleAsync).RequirePermission(Permissions.ManageSettings);
        policy.MapDelete("draft", ChangeDeadlinePolicyDraft.DiscardAsync).RequirePermission(Permissions.ManageSettings);
        policy.MapPost("publication", PublishDeadlinePolicy.HandleAsync).RequirePermission(Permissions.ManageSettings);
    }
}
