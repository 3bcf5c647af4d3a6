using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Prometheus;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.Tenants.Catalogue;

namespace Tarasol.Tenants.Provisioning;

/// <summary>Activity: what could not be done for a tenant stands in its steps, in the log, in the metrics, and in an event. Harmless when repeated.</summary>
internal sealed class ReportFailure(PlatformScopes platform, TimeProvider time, ILogger<ReportFailure> log) : WorkflowActivity<ReportFailure.Input, object?>
{
    private static readonly Counter Failed = Metrics.CreateCounter("tarasol_provisioning_failed_total", "Steps of provisioning that were given up.", "step");

    public sealed record Input(string Slug, IReadOnlyList<Step> Steps);

    /// <param name="Name">As in the catalogue.</param>
    /// <param name="Error">What the last attempt said.</param>
    public sealed record Step(string Name, string Error);

    public override async Task<object?> RunAsync(WorkflowActivityContext context, Input input)
    {
        await platform.RunAsync(async (scope, db) =>
        {
            var names = input.Steps.Select(step => step.Name).ToList();
            var rows = await db.Steps.Where(row => row.Slug == input.Slug && names.Contains(row.Name) && row.State == StepState.Waiting).ToListAsync();
            foreach (var row in rows)
            {
                row.State = StepState.Failed;
                row.LastError ??= StepAttempts.Shorten(input.Steps.First(step => step.Name == row.Name).Error);
                Failed.WithLabels(row.Name).Inc();
                log.LogError("Provisioning of tenant {Tenant} at {Step} was given up: {Reason}", input.Slug, row.Name, row.LastError);
            }
            if (rows.Count > 0)
                scope.GetRequiredService<IOutbox>().Add(new TenantProvisioningFailed(input.Slug, [.. rows.Select(row => row.Name).Order(StringComparer.Ordinal)], time.GetUtcNow()));
            return await db.SaveChangesAsync();
        }, CancellationToken.None);
        return null;
    }
}
