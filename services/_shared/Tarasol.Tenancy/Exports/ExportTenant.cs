using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenancy.Exports;

/// <summary>POST /internal/tenancy/{slug}/export: the tenant service asks every service for all that it keeps of a tenant that is closed. A failure half-way ends the connection.</summary>
internal static class ExportTenant
{
    private static readonly Problem InUse = new("tenant-in-use", 409, new("The tenant is in use: its data changes while it is read.", "الجهة قيد الاستخدام، وبياناتها تتغير أثناء القراءة."));

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/internal/tenancy/{slug}/export", HandleAsync).RequireService().WithMetadata(new AnyTenant());

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> HandleAsync(
        string slug, ITenantCatalogue catalogue, TenantScopes scopes, IServiceProvider services, CancellationToken cancel)
    {
        catalogue.Forget(slug);
        if (slug == PlatformTenant.Slug || await catalogue.FindAsync(slug, cancel) is not { } entry)
            return CommonProblems.NotFound.Result();
        if (entry.Status is TenantStatus.Active)
            return InUse.Result();
        await scopes.EnterAnyAsync(services, slug, cancel);
        var export = services.GetRequiredService<TenantExport>();
        return TypedResults.Stream(output => export.WriteAsync(output, cancel), TenantExport.MediaType);
    }
}
