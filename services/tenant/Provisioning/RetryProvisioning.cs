using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Sweeps;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Tenants;

namespace Tarasol.Tenants.Provisioning;

/// <summary>POST /api/tenant/tenants/{slug}/provisioning/retry: what was given up is tried again. Asking again, or when nothing was given up, changes nothing.</summary>
public static class RetryProvisioning
{
    internal static async Task<Results<Accepted<TenantDetails>, ProblemHttpResult>> HandleAsync(
        string slug, MultiTenancyDbContext db, WorkflowRuns runs, SweepSignal<StartProvisioning> signal, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Tenants.AsNoTracking().FirstOrDefaultAsync(row => row.Slug == slug, cancel) is not { } tenant)
            return TenancyProblems.Unknown.Result();
        var failed = await db.Steps.Where(step => step.Slug == slug && step.State == StepState.Failed).ToListAsync(cancel);
        foreach (var step in failed)
            (step.State, step.Attempts, step.NextAttemptAt) = (StepState.Waiting, 0, time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        if (failed.Count > 0)
        {
            runs.Forget(StartProvisioning.InstanceOf(slug));
            signal.Set(PlatformTenant.Slug);
        }
        return TypedResults.Accepted($"/api/tenant/tenants/{slug}", await ReadTenant.DetailsAsync(db, tenant, cancel));
    }
}
