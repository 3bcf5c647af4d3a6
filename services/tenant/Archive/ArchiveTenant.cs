using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Sweeps;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Provisioning;
using Tarasol.Tenants.Tenants;

namespace Tarasol.Tenants.Archive;

/// <summary>
/// POST /api/tenant/tenants/{slug}/archive: closes a tenant for good. It is suspended at once, then all its data is exported, then it is archived. Asking again while that goes on, or
/// when it is done, changes nothing; after a failure it begins anew.
/// </summary>
public static class ArchiveTenant
{
    internal static async Task<Results<Accepted<ArchiveView>, ProblemHttpResult>> HandleAsync(
        string slug, ClaimsPrincipal user, HttpContext context, MultiTenancyDbContext db, IOutbox outbox, WorkflowRuns runs, SweepSignal<StartArchives> signal, TimeProvider time, CancellationToken cancel)
    {
        if (slug == PlatformTenant.Slug)
            return ChangeStatus.IsPlatform.Result();
        if (await db.Tenants.FirstOrDefaultAsync(row => row.Slug == slug, cancel) is not { } tenant)
            return TenancyProblems.Unknown.Result();
        if (TenantTag.IsOutdated(context, tenant))
            return CommonProblems.Changed.Result();
        var archive = await db.Archives.FirstOrDefaultAsync(row => row.Slug == slug, cancel);
        if (archive is null or { State: ArchiveState.Failed })
        {
            if (tenant.Status is not (TenantStatus.Active or TenantStatus.Suspended))
                return ChangeStatus.NotFrom.Result(WireEnum.Name(tenant.Status));
            await BeginAsync(db, tenant, archive, user.UserName(), outbox, time.GetUtcNow(), cancel);
            runs.Forget(StartArchives.InstanceOf(slug));
            signal.Set(PlatformTenant.Slug);
        }
        return TypedResults.Accepted($"/api/tenant/tenants/{slug}/archive", await ReadArchive.ViewAsync(db, slug, cancel));
    }

    private static async Task BeginAsync(MultiTenancyDbContext db, Tenant tenant, TenantArchive? failed, string by, IOutbox outbox, DateTimeOffset now, CancellationToken cancel)
    {
        if (tenant.Status == TenantStatus.Active)
        {
            (tenant.Status, tenant.SuspendedAt) = (TenantStatus.Suspended, now);
            outbox.Add(new TenantSuspended(tenant.Slug, now));
        }
        tenant.ChangedAt = now;
        tenant.Version++;
        // What an earlier attempt wrote may be out of date: the tenant could have been resumed meanwhile.
        db.RemoveRange(await db.ArchiveParts.Where(part => part.Slug == tenant.Slug).ToListAsync(cancel));
        if (failed is not null)
            db.Remove(failed);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.SaveChangesAsync(cancel);
        db.Add(new TenantArchive { Slug = tenant.Slug, State = ArchiveState.Running, RequestedBy = by, RequestedAt = now });
        var services = await db.Databases.Where(database => database.Slug == tenant.Slug).Select(database => database.Service).ToListAsync(cancel);
        db.AddRange(services.Select(service => new TenantArchivePart { Slug = tenant.Slug, Service = service }));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }
}
