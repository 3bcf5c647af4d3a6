using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Archive;

/// <summary>Activity: the data of one service comes into its file, checked to be whole; how far it is stands in the catalogue. A repeat begins anew.</summary>
internal sealed class ExportService(PlatformScopes platform, ServiceExports exports, ArchiveFiles files, TimeProvider time, ILogger<ExportService> log) : WorkflowActivity<ExportService.Input, object?>
{
    private static readonly TimeSpan Tell = TimeSpan.FromSeconds(1);

    public sealed record Input(string Slug, string Service);

    public override async Task<object?> RunAsync(WorkflowActivityContext context, Input input)
    {
        try
        {
            var told = time.GetTimestamp();
            var whole = await exports.ReadAsync(input.Slug, input.Service, body => ArchiveFiles.WriteAsync(files.Part(input.Slug, input.Service), file => ExportLines.CopyAsync(body, file, async (rows, bytes) =>
            {
                if (time.GetElapsedTime(told) < Tell)
                    return;
                told = time.GetTimestamp();
                await UpdateAsync(input, parts => parts.ExecuteUpdateAsync(set => set.SetProperty(part => part.Rows, rows).SetProperty(part => part.Bytes, bytes)));
            }, CancellationToken.None)), CancellationToken.None);
            await UpdateAsync(input, parts => parts.ExecuteUpdateAsync(set => set
                .SetProperty(part => part.State, StepState.Done).SetProperty(part => part.Rows, whole.Rows).SetProperty(part => part.Bytes, whole.Bytes)
                .SetProperty(part => part.Sha256, whole.Sha256).SetProperty(part => part.LastError, (string?)null)));
            return null;
        }
        catch (Exception failed)
        {
            log.LogWarning("The data of tenant {Tenant} at {Service} could not be exported: {Reason}", input.Slug, input.Service, failed.Message);
            var error = StepAttempts.Shorten(failed.Message);
            await UpdateAsync(input, parts => parts.ExecuteUpdateAsync(set => set.SetProperty(part => part.Attempts, part => part.Attempts + 1).SetProperty(part => part.LastError, error)));
            throw new StepFailedException(failed.Message);
        }
    }

    private Task<int> UpdateAsync(Input input, Func<IQueryable<TenantArchivePart>, Task<int>> update) =>
        platform.RunAsync(db => update(db.ArchiveParts.Where(part => part.Slug == input.Slug && part.Service == input.Service)), CancellationToken.None);
}
