using Microsoft.AspNetCore.Http.HttpResults;

namespace Tarasol.Directories.Units;

/// <summary>GET /internal/units/{id}/below: ids of a unit and of all below it, for services that limit a role to them. Empty when there is no such unit.</summary>
public static class ListUnitsBelow
{
    public static async Task<Ok<IReadOnlySet<Guid>>> HandleAsync(Guid id, UnitTree tree, CancellationToken cancel) => TypedResults.Ok(await tree.BelowAsync([id], cancel));
}
