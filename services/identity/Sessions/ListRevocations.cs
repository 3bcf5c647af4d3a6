using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Sessions;

/// <summary>GET /internal/revocations: all tokens that are refused at the moment, of all tenants.</summary>
public static class ListRevocations
{
    internal static async Task<Ok<List<Revocation>>> HandleAsync(TenantScopes tenants, TimeProvider time, CancellationToken cancel) =>
        TypedResults.Ok(await tenants.RunAsync(PlatformTenant.Slug, async services =>
        {
            var now = time.GetUtcNow();
            return await services.GetRequiredService<AccountsDbContext>().RecordedRevocations.AsNoTracking().Where(kept => kept.Until >= now)
                .Select(kept => new Revocation(kept.Tenant, kept.UserId, kept.SessionId, kept.FromVersion, kept.Until)).ToListAsync(cancel);
        }, cancel));
}
