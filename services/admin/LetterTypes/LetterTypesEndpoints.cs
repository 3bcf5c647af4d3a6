using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Administration.LetterTypes;

public static class LetterTypesEndpoints
{
    public static void MapLetterTypes(this IEndpointRouteBuilder routes)
    {
        var types = routes.MapGroup("/api/admin/letter-types").WithTags("letter-types");
        types.MapPost("", CreateLetterType.HandleAsync).RequirePermission(Permissions.ManageSettings);
        types.MapGet("", ListLetterTypes.HandleAsync).RequirePermission(Permissions.ReadSettings);
        types.MapGet("{id:guid}", ReadLetterType.HandleAsync).RequirePermission(Permissions.ReadSettings);
        types.MapGet("{id:guid}/versions", ListLetterTypeVersions.HandleAsync).RequirePermission(Permissions.ReadSettings);
        types.MapPut("{id:guid}/draft", ChangeLetterTypeDraft.HandleAsync).RequirePermission(Permissions.ManageSettings);
        types.MapDelete("{id:guid}/draft", ChangeLetterTypeDraft.DiscardAsync).RequirePermission(Permissions.ManageSettings);
        types.MapPost("{id:guid}/publication", PublishLetterType.HandleAsync).RequirePermission(Permissions.ManageSettings);
        routes.MapGet("/internal/letter-types/{code}", FindLetterType.HandleAsync).RequireService();
    }
}
