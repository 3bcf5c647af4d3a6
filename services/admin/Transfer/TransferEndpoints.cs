using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Administration.Transfer;

public static class TransferEndpoints
{
    public static void MapTransfer(this IEndpointRouteBuilder routes)
    {
        var settings = routes.MapGroup("/api/admin/settings").WithTags("settings");
        settings.MapGet("", ExportSettings.HandleAsync).RequirePermission(Permissions.ManageSettings);
        settings.MapPut("", ImportSettings.HandleAsync).RequirePermission(Permissions.ManageSettings);
    }
}
