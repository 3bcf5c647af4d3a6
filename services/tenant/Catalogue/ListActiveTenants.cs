using Microsoft.AspNetCore.Http.HttpResults;

namespace Tarasol.Tenants.Catalogue;

/// <summary>GET /internal/tenants: slugs of all active tenants, the platform's own first.</summary>
internal static class ListActiveTenants
{
    public static async Task<Ok<IReadOnlyList<string>>> HandleAsync(LocalTenantCatalogue catalogue, CancellationToken cancel) =>
        TypedResults.Ok(await catalogue.ListActiveAsync(cancel));
}
