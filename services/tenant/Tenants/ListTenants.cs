using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Tenants;

/// <summary>GET /api/tenant/tenants</summary>
public static class ListTenants
{
    public static async Task<Ok<Page<TenantView>>> HandleAsync(Paging paging, MultiTenancyDbContext db, CancellationToken cancel)
    {
        var rows = await db.Tenants.AsNoTracking()
            .Where(tenant => paging.After == null || tenant.Id > paging.After)
            .OrderBy(tenant => tenant.Id).Take(paging.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(paging.Page(rows, tenant => tenant.Id, tenant => new TenantView(tenant.Slug, tenant.NameAr, tenant.NameEn, tenant.Status)));
    }
}
