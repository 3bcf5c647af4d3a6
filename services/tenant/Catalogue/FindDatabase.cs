using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenants.Catalogue;

/// <summary>GET /internal/tenants/{slug}/databases/{service}: where a service finds a tenant's data, and whether the tenant may be served.</summary>
internal static class FindDatabase
{
    public static async Task<Results<Ok<TenantEntry>, ProblemHttpResult>> HandleAsync(
        string slug, string service, LocalTenantCatalogue catalogue, CancellationToken cancel) =>
        await catalogue.FindAsync(slug, service, cancel) is { } entry ? TypedResults.Ok(entry) : TenancyProblems.Unknown.Result();
}
