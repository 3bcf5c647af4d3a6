using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Archive;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Tenants;

/// <summary>
/// POST /api/tenant/tenants/{slug}/suspend and .../resume. A suspended tenant is refused everywhere within seconds, its background work pauses, and nothing of it is
/// lost. Asking again changes nothing.
/// </summary>
public static class ChangeStatus
{
    public static readonly Problem NotFrom = new("tenant-status", 409, new("The tenant is {0}; that cannot be done now.", "حالة الجهة {0}؛ لا يمكن ذلك الآن."));
    public static readonly Problem IsArchiving = new("tenant-archiving", 409, new("The tenant is being archived.", "أرشفة الجهة جارية."));
    public static readonly Problem IsPlatform = new("tenant-is-platform", 409, new("That cannot be done with the platform's own tenant.", "لا يمكن ذلك مع جهة المنصة نفسها."));

    public static Task<Results<Ok<TenantDetails>, ProblemHttpResult>> SuspendAsync(
        string slug, HttpContext context, MultiTenancyDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel) =>
        ChangeAsync(slug, [TenantStatus.Active], TenantStatus.Suspended, context, db, (tenant, now) =>
        {
            tenant.SuspendedAt = now;
            outbox.Add(new TenantSuspended(slug, now));
        }, time, cancel);

    public static async Task<Results<Ok<TenantDetails>, ProblemHttpResult>> ResumeAsync(
        string slug, HttpContext context, MultiTenancyDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel) =>
        await db.Archives.AnyAsync(archive => archive.Slug == slug && archive.State == ArchiveState.Running, cancel)
            ? IsArchiving.Result()
            : await ChangeAsync(slug, [TenantStatus.Suspended], TenantStatus.Active, context, db, (tenant, now) =>
            {
                tenant.SuspendedAt = null;
                outbox.Add(new TenantResumed(slug, now));
            }, time, cancel);

    internal static async Task<Results<Ok<TenantDetails>, ProblemHttpResult>> ChangeAsync(
        string slug, IReadOnlyList<TenantStatus> from, TenantStatus to, HttpContext context, MultiTenancyDbContext db, Action<Tenant, DateTimeOffset> change, TimeProvider time,
        CancellationToken cancel)
    {
        if (slug == PlatformTenant.Slug)
            return IsPlatform.Result();
        if (await db.Tenants.FirstOrDefaultAsync(row => row.Slug == slug, cancel) is not { } tenant)
            return TenancyProblems.Unknown.Result();
        if (TenantTag.IsOutdated(context, tenant))
            return CommonProblems.Changed.Result();
        if (tenant.Status != to)
        {
            if (!from.Contains(tenant.Status))
                return NotFrom.Result(WireEnum.Name(tenant.Status));
            var now = time.GetUtcNow();
            tenant.Status = to;
            tenant.ChangedAt = now;
            tenant.Version++;
            change(tenant, now);
            await db.SaveChangesAsync(cancel);
        }
        context.Response.Headers.ETag = TenantTag.Of(tenant).ToString();
        return TypedResults.Ok(await ReadTenant.DetailsAsync(db, tenant, cancel));
    }
}
