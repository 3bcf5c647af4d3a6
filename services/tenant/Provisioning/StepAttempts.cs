using Microsoft.EntityFrameworkCore;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Provisioning;

/// <summary>Attempts at a step of provisioning, written down in its row. A step that is done is not done again.</summary>
internal sealed class StepAttempts(PlatformScopes platform, TimeProvider time, ILogger<StepAttempts> log)
{
    private const int LongestError = 2000;

    public sealed record Step(string Slug, string Name);

    /// <summary>Throws <see cref="StepFailedException"/> with the reason when it does not succeed.</summary>
    public async Task RunAsync(Step step, Func<IServiceProvider, MultiTenancyDbContext, Task> work)
    {
        if (!await platform.RunAsync(db => Row(db, step).AnyAsync(row => row.State != StepState.Done), CancellationToken.None))
            return;
        try
        {
            await platform.RunAsync(async (scope, db) =>
            {
                await work(scope, db);
                return await Row(db, step).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, StepState.Done).SetProperty(row => row.LastError, (string?)null));
            }, CancellationToken.None);
        }
        catch (Exception failed)
        {
            await RecordAsync(step, failed.Message);
            // Its words alone: the workflow's history keeps them, and a stack tells an operator nothing.
            throw new StepFailedException(failed.Message);
        }
    }

    public static string Shorten(string reason) => reason.Length > LongestError ? reason[..LongestError] : reason;

    private Task<int> RecordAsync(Step step, string reason) => platform.RunAsync(async db =>
    {
        var attempts = await Row(db, step).Select(row => row.Attempts).SingleAsync() + 1;
        log.LogWarning("Provisioning of tenant {Tenant} at {Step} failed (attempt {Attempt}): {Reason}", step.Slug, step.Name, attempts, reason);
        var next = time.GetUtcNow() + ProvisionTenantWorkflow.WaitAfter(attempts);
        var error = Shorten(reason);
        return await Row(db, step).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Attempts, attempts)
            .SetProperty(row => row.LastError, error)
            .SetProperty(row => row.NextAttemptAt, next));
    }, CancellationToken.None);

    private static IQueryable<ProvisioningStep> Row(MultiTenancyDbContext db, Step step) => db.Steps.Where(row => row.Slug == step.Slug && row.Name == step.Name);
}
