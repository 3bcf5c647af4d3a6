using Dapr.Workflow;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.WorkItems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Tasks.Deadlines;

/// <summary>Starts the watch of new tasks, and tells those whose due time changed or that are over. Each is harmless when repeated.</summary>
public sealed class WatchDeadlines(TasksDbContext db, DaprWorkflowClient workflows, CurrentTenant tenant) : ITenantSweep
{
    private const int Batch = 100;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public async Task SweepAsync(CancellationToken cancel)
    {
        while (await BatchAsync(cancel) == Batch)
        {
            // Another full batch may wait.
        }
    }

    private async Task<int> BatchAsync(CancellationToken cancel)
    {
        var waiting = await db.WorkItems.AsNoTracking().Where(row => row.Watch == DeadlineWatch.Starting || row.Watch == DeadlineWatch.Changed)
            .OrderBy(row => row.Position).Select(row => new { row.Id, row.Watch, row.Version }).Take(Batch).ToListAsync(cancel);
        foreach (var item in waiting)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(Longest);
            if (item.Watch == DeadlineWatch.Starting)
                await StartAsync(item.Id, limit.Token);
            else
                await workflows.RaiseEventAsync(InstanceOf(item.Id), DeadlineWorkflow.Changed, null, limit.Token);
            // Only if nothing has changed again meanwhile.
            await db.WorkItems.Where(row => row.Id == item.Id && row.Version == item.Version && row.Watch == item.Watch)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Watch, DeadlineWatch.Running), cancel);
        }
        return waiting.Count;
    }

    private async Task StartAsync(Guid id, CancellationToken cancel)
    {
        try
        {
            await workflows.ScheduleNewWorkflowAsync(nameof(DeadlineWorkflow), InstanceOf(id), new DeadlineWorkflow.Input(tenant.Slug, id), (DateTimeOffset?)null, cancel);
        }
        catch (RpcException known) when (known.StatusCode == StatusCode.AlreadyExists)
        {
            // An earlier attempt got through without our learning of it.
        }
    }

    private static string InstanceOf(Guid id) => $"deadline-{id}";
}
