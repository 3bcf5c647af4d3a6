using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Catalogue;

namespace Tarasol.Tenants.Archive;

/// <summary>Activity: the tenant is archived, for good. Harmless when repeated.</summary>
internal sealed class CloseTenant(PlatformScopes platform, ArchiveFiles files, TimeProvider time, ILogger<CloseTenant> log) : WorkflowActivity<string, object?>
{
    public override async Task<object?> RunAsync(WorkflowActivityContext context, string input)
    {
        await platform.RunAsync(async (scope, db) =>
        {
            var tenant = await db.Tenants.SingleAsync(row => row.Slug == input);
            var archive = await db.Archives.SingleAsync(row => row.Slug == input);
            if (archive.State != ArchiveState.Running)
                return false;
            var now = time.GetUtcNow();
            (tenant.Status, tenant.ArchivedAt, tenant.SuspendedAt, tenant.ChangedAt) = (TenantStatus.Archived, now, null, now);
            tenant.Version++;
            (archive.State, archive.FinishedAt) = (ArchiveState.Done, now);
            scope.GetRequiredService<IOutbox>().Add(new TenantArchived(input, archive.Sha256!, now));
            await db.SaveChangesAsync();
            log.LogInformation("Tenant {Tenant} is archived", input);
            return true;
        }, CancellationToken.None);
        files.DropParts(input);
        return null;
    }
}
