using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Identity.Clients;

public static class ClientsEndpoints
{
    public static void MapClients(this IEndpointRouteBuilder routes)
    {
        var clients = routes.MapGroup("/api/identity/clients").WithTags("clients");
        clients.MapGet("", ListClients.HandleAsync).RequirePermission(Permissions.ManageClients);
        clients.MapPost("", CreateClient.HandleAsync).RequirePermission(Permissions.ManageClients);
        clients.MapDelete("{clientId}", DeleteClient.HandleAsync).RequirePermission(Permissions.ManageClients);
    }
}
