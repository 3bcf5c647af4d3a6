using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Archive;

/// <summary>Activity: what could not be exported stands in the archive, service by service; the tenant stays suspended. Harmless when repeated.</summary>
internal sealed class GiveArchiveUp(PlatformScopes platform, TimeProvider time, ILogger<GiveArchiveUp> log) : WorkflowActivity<GiveArchiveUp.Input, object?>
{
    /// <param name="Slug">The tenant.</param>
    /// <param name="Error">Null: the services' own failures say it.</param>
    public sealed record Input(string Slug, string? Error);

    public override async Task<object?> RunAsync(WorkflowActivityContext context, Input input)
    {
        await platform.RunAsync(async db =>
        {
            var archive = await db.Archives.SingleAsync(row => row.Slug == input.Slug);
            if (archive.State != ArchiveState.Running)
                return 0;
            (archive.State, archive.FinishedAt, archive.LastError) = (ArchiveState.Failed, time.GetUtcNow(), input.Error is { } error ? StepAttempts.Shorten(error) : null);
            foreach (var part in await db.ArchiveParts.Where(part => part.Slug == input.Slug && part.State == StepState.Waiting).ToListAsync())
                part.State = StepState.Failed;
            log.LogError("The archive of tenant {Tenant} was given up: {Reason}", input.Slug, input.Error ?? "not every service gave its data");
            return await db.SaveChangesAsync();
        }, CancellationToken.None);
        return null;
    }
}
