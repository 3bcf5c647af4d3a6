using Tarasol.Delegations.People;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Delegations.Granting;

public static class GrantingEndpoints
{
    public static void AddGranting(this IServiceCollection services) => services.AddScoped<KnownPeople>();

    public static void MapGranting(this IEndpointRouteBuilder routes)
    {
        var delegations = routes.MapGroup("/api/delegation/delegations").WithTags("delegations");
        delegations.MapPost("", OfferDelegation.HandleAsync).RequirePermission(Permissions.Delegate);
        delegations.MapGet("", ListDelegations.HandleAsync);
        delegations.MapGet("{id:guid}", ReadDelegation.HandleAsync);
        delegations.MapPost("{id:guid}/accept", AnswerDelegation.AcceptAsync).RequirePermission(Permissions.Delegate);
        delegations.MapPost("{id:guid}/decline", AnswerDelegation.DeclineAsync).RequirePermission(Permissions.Delegate);
        delegations.MapPost("{id:guid}/end", EndDelegation.HandleAsync).RequirePermission(Permissions.Delegate);
    }
}
