using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Tenants;

/// <summary>GET /api/tenant/tenants/{slug}</summary>
public static class ReadTenant
{
    public static async Task<Results<Ok<TenantDetails>, ProblemHttpResult>> HandleAsync(string slug, HttpContext context, MultiTenancyDbContext db, CancellationToken cancel)
    {
        if (await db.Tenants.AsNoTracking().FirstOrDefaultAsync(tenant => tenant.Slug == slug, cancel) is not { } tenant)
            return TenancyProblems.Unknown.Result();
        context.Response.Headers.ETag = TenantTag.Of(tenant).ToString();
        return TypedResults.Ok(await DetailsAsync(db, tenant, cancel));
    }

    internal static async Task<TenantDetails> DetailsAsync(MultiTenancyDbContext db, Tenant tenant, CancellationToken cancel)
    {
        var slug = tenant.Slug;
        var steps = await db.Steps.AsNoTracking().Where(step => step.Slug == slug).OrderBy(step => step.Name)
            .Select(step => new TenantDetails.Step(step.Name, step.State, step.Attempts, step.LastError, step.State == StepState.Waiting && step.Attempts > 0 ? step.NextAttemptAt : null)).ToListAsync(cancel);
        var hosts = await db.Hosts.AsNoTracking().Where(host => host.Slug == slug).OrderBy(host => host.Host).Select(host => host.Host).ToListAsync(cancel);
        var providers = await db.Databases.AsNoTracking().Where(database => database.Slug == slug).Select(database => database.Provider).Distinct().ToListAsync(cancel);
        var open = tenant.Status == TenantStatus.Provisioning || steps.Any(step => step.State != StepState.Done);
        return new(
            slug, tenant.NameAr, tenant.NameEn, tenant.Status, hosts, new(tenant.MaxUsers, tenant.MaxStorageBytes, tenant.RequestsPerMinute), tenant.DefaultLanguage, tenant.Calendar,
            providers is [var only] ? only : null, tenant.CreatedAt, tenant.SuspendedAt, tenant.ArchivedAt, open ? steps : null);
    }
}

/// <summary>A tenant's version as an entity tag.</summary>
internal static class TenantTag
{
    public static EntityTagHeaderValue Of(Tenant tenant) => new($"\"{tenant.Version}\"");

    /// <summary>True when the caller named versions in If-Match and the tenant has none of them any more.</summary>
    public static bool IsOutdated(HttpContext context, Tenant tenant)
    {
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        return wanted.Count > 0 && !wanted.Any(tag => tag.Compare(Of(tenant), useStrongComparison: true) || tag.Equals(EntityTagHeaderValue.Any));
    }
}
