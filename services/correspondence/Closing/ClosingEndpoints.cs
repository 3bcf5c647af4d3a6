using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Correspondence.Closing;

public static class ClosingEndpoints
{
    public static void MapClosing(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/correspondence/letters/{id:guid}").WithTags("closing");
        letters.MapPost("close", CloseLetter.HandleAsync).RequirePermissionByBranch(Permissions.CloseLetter);
        letters.MapPost("reopen", ReopenLetter.HandleAsync).RequirePermissionByBranch(Permissions.CloseLetter);
    }
}
