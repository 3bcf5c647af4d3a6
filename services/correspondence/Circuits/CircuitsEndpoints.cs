using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Correspondence.Circuits;

public static class CircuitsEndpoints
{
    public static void AddCircuits(this IServiceCollection services) => services.AddScoped<PeopleToAsk>();

    public static void MapCircuits(this IEndpointRouteBuilder routes)
    {
        var circuits = routes.MapGroup("/api/correspondence/circuits").WithTags("circuits");
        circuits.MapPost("", DraftCircuit.HandleAsync).RequirePermission(Permissions.ManageCircuits);
        circuits.MapGet("", ListCircuits.HandleAsync).RequirePermission(Permissions.ReadCircuits);
        circuits.MapGet("{id:guid}", ReadCircuit.HandleAsync).RequirePermission(Permissions.ReadCircuits);
        circuits.MapPut("{id:guid}", ChangeCircuit.HandleAsync).RequirePermission(Permissions.ManageCircuits);
        circuits.MapPost("{id:guid}/check", CheckCircuit.HandleAsync).RequirePermission(Permissions.ManageCircuits);
        circuits.MapPost("{id:guid}/publish", PublishCircuit.HandleAsync).RequirePermission(Permissions.ManageCircuits);
        circuits.MapPost("{id:guid}/retire", RetireCircuit.HandleAsync).RequirePermission(Permissions.ManageCircuits);
    }
}
