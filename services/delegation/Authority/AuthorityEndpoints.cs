using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Delegations.Authority;

public static class AuthorityEndpoints
{
    public static void MapAuthority(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/delegation/authority", ReadAuthority.HandleAsync).WithTags("authority");
        routes.MapGet("/internal/delegations/active", ListActive.HandleAsync).RequireService();
    }
}
