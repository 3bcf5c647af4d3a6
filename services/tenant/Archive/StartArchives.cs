using Microsoft.EntityFrameworkCore;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Sweeps;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Archive;

/// <summary>Schedules the workflows of the archives that were asked for, also after a crash between commit and schedule.</summary>
internal sealed class StartArchives(MultiTenancyDbContext db, WorkflowRuns runs, CurrentTenant tenant, ProvisioningSettings settings) : ITenantSweep
{
    /// <summary>One run at a time for a tenant.</summary>
    public static string InstanceOf(string slug) => $"archive-{slug}";

    public async Task SweepAsync(CancellationToken cancel)
    {
        // The catalogue is the platform's.
        if (tenant.Slug != PlatformTenant.Slug)
            return;
        foreach (var slug in await db.Archives.Where(archive => archive.State == ArchiveState.Running).Select(archive => archive.Slug).ToListAsync(cancel))
        {
            var services = await db.ArchiveParts.Where(part => part.Slug == slug).OrderBy(part => part.Service).Select(part => part.Service).ToListAsync(cancel);
            await runs.EnsureAsync(nameof(ArchiveTenantWorkflow), InstanceOf(slug), new ArchiveTenantWorkflow.Input(slug, services, settings.Attempts), cancel);
        }
    }
}
