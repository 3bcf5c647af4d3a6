using Dapr.Workflow;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tenants.Archive;

public static class ArchiveEndpoints
{
    public static void AddArchive(this IServiceCollection services)
    {
        services.AddSingleton<ArchiveFiles>();
        // As long as it takes; the sidecar tells when the service is gone.
        services.AddServiceClient<ServiceExports>("tenant").ConfigureHttpClient(http => http.Timeout = Timeout.InfiniteTimeSpan);
        services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<ArchiveTenantWorkflow>();
            options.RegisterActivity<ExportService>();
            options.RegisterActivity<PackArchive>();
            options.RegisterActivity<CloseTenant>();
            options.RegisterActivity<GiveArchiveUp>();
        });
        services.AddTenantSweep<StartArchives>();
    }

    public static void MapArchive(this IEndpointRouteBuilder routes)
    {
        var archive = routes.MapGroup("/api/tenant/tenants/{slug}/archive").WithTags("archive")
            .RequireAuthorization(policy => policy.RequireClaim(TokenRules.TenantClaim, PlatformTenant.Slug)).RequirePermission(Permissions.ArchiveTenant);
        archive.MapPost("", ArchiveTenant.HandleAsync);
        archive.MapGet("", ReadArchive.HandleAsync);
        archive.MapGet("file", DownloadArchive.HandleAsync).Produces(StatusCodes.Status200OK, contentType: "application/zip");
    }
}
