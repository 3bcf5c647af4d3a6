using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Tenancy;
using Tarasol.Tenants.Tenants;

namespace Tarasol.Tenants.Catalogue;

/// <summary>GET /internal/tenants/{slug}/defaults: what holds for people of the tenant who have chosen nothing.</summary>
internal static class ReadDefaults
{
    public sealed record Response(TenantLanguage DefaultLanguage, TenantCalendar Calendar);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(string slug, PlatformScopes platform, CancellationToken cancel) =>
        await platform.RunAsync(db => db.Tenants.AsNoTracking().Where(tenant => tenant.Slug == slug)
            .Select(tenant => new Response(tenant.DefaultLanguage, tenant.Calendar)).FirstOrDefaultAsync(cancel), cancel) is { } found
            ? TypedResults.Ok(found)
            : TenancyProblems.Unknown.Result();
}
