using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Directories.Parties;

public static class PartiesEndpoints
{
    public static void AddParties(this IServiceCollection services) => services.AddScoped<PartyIndex>();

    public static void MapParties(this IEndpointRouteBuilder routes)
    {
        var parties = routes.MapGroup("/api/directory/parties").WithTags("parties");
        parties.MapPost("", CreateParty.HandleAsync).RequirePermission(Permissions.ManageParties);
        parties.MapGet("", ReadParty.ListAsync).RequirePermission(Permissions.ReadParties);
        parties.MapGet("{id:guid}", ReadParty.HandleAsync).RequirePermission(Permissions.ReadParties);
        parties.MapPut("{id:guid}", ChangeParty.HandleAsync).RequirePermission(Permissions.ManageParties);
        parties.MapGet("{id:guid}/duplicates", ReadParty.DuplicatesAsync).RequirePermission(Permissions.ReadParties);
        parties.MapGet("{id:guid}/merges", ReadParty.MergesAsync).RequirePermission(Permissions.ReadParties);
        parties.MapPost("{id:guid}/merge", MergeParties.HandleAsync).RequirePermission(Permissions.MergeParties);
        parties.MapPost("{id:guid}/merges/{mergeId:guid}/undo", MergeParties.UndoAsync).RequirePermission(Permissions.MergeParties);
        routes.MapGet("/internal/parties/{id:guid}", FindParty.HandleAsync).RequireService();
    }
}
