using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenancy.Migrations;

/// <summary>What a service puts into the database of a new tenant. Runs at every provisioning, so it must be harmless when repeated.</summary>
public interface ITenantSeed
{
    /// <summary>Adds what is missing.</summary>
    Task SeedAsync(CancellationToken cancel);
}

/// <summary>POST /internal/tenancy/{slug}/provision: the tenant service asks every service to make its database of a tenant.</summary>
internal static class ProvisionTenant
{
    // Only the tenant service reads it; it shows the reason to the operator.
    private static readonly Problem Failed = new("provisioning-failed", 500, new("The database could not be made: {0}", "تعذر إنشاء قاعدة البيانات: {0}"));

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/internal/tenancy/{slug}/provision", HandleAsync).RequireService().WithMetadata(new AnyTenant());

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string slug, ITenantCatalogue catalogue, TenantScopes scopes, IServiceProvider services, ILogger<TenantMigrator> log, CancellationToken cancel)
    {
        catalogue.Forget(slug);
        if (await catalogue.FindAsync(slug, cancel) is not { } entry)
            return CommonProblems.NotFound.Result();
        try
        {
            await scopes.ProvisionAsync(services, entry, cancel);
            foreach (var seed in services.GetServices<ITenantSeed>())
                await seed.SeedAsync(cancel);
            return TypedResults.NoContent();
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            log.LogWarning("The database of tenant {Tenant} could not be made: {Reason}", slug, failed.Message);
            return Failed.Result(failed.Message);
        }
    }
}
