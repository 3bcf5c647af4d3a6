using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Administration.Classification;

public static class ClassificationEndpoints
{
    public static void MapClassification(this IEndpointRouteBuilder routes)
    {
        var system = routes.MapGroup("/api/admin/classification").WithTags("classification");
        system.MapGet("", ReadClassification.HandleAsync).RequirePermission(Permissions.ReadSettings);
        system.MapPut("draft", ChangeClassificationDraft.HandleAsync).RequirePermission(Permissions.ManageSettings);
        system.MapDelete("draft", ChangeClassificationDraft.DiscardAsync).RequirePermission(Permissions.ManageSettings);
        system.MapPost("publication", PublishClassification.HandleAsync).RequirePermission(Permissions.ManageSettings);
    }
}
