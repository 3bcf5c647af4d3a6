using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Roles;

/// <summary>GET /api/identity/permissions: what the roles of this tenant can be composed of, in both languages. One page; there is no more.</summary>
public static class ListPermissions
{
    /// <param name="ByUnit">A role that is given for a unit and those below it gives this permission there; others it gives for the whole organisation or not at all.</param>
    public sealed record Item(string Permission, string NameAr, string NameEn, bool ByUnit);

    internal static async Task<Ok<Page<Item>>> HandleAsync(PermissionCatalogue catalogue, CurrentTenant tenant, CancellationToken cancel) =>
        TypedResults.Ok(new Page<Item>(
            [
                .. (await catalogue.ListAsync(cancel)).Where(each => !each.PlatformOnly || tenant.Slug == PlatformTenant.Slug)
                    .Select(each => new Item(each.Permission, each.NameAr, each.NameEn, each.ByBranch)),
            ],
            null));
}
