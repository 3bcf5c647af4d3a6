using System.Collections.Concurrent;
using Dapr.Workflow;
using Grpc.Core;

namespace Tarasol.Tenants.Provisioning;

/// <summary>
/// Sees to it that a workflow runs, as often as it is asked. It remembers for a while what it scheduled, so that a flood of new tenants does not ask the sidecar again for each of
/// those before.
/// </summary>
internal sealed class WorkflowRuns(DaprWorkflowClient workflows, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(20);
    private readonly ConcurrentDictionary<string, long> scheduled = new(StringComparer.Ordinal);

    /// <summary>Starts the instance unless it runs. One that ended is started anew.</summary>
    public async Task EnsureAsync(string workflow, string instanceId, object input, CancellationToken cancel)
    {
        if (scheduled.TryGetValue(instanceId, out var then) && time.GetElapsedTime(then) < Lately)
            return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Longest);
        try
        {
            await workflows.ScheduleNewWorkflowAsync(workflow, instanceId, input, (DateTimeOffset?)null, limit.Token);
        }
        catch (RpcException known) when (known.StatusCode == StatusCode.AlreadyExists)
        {
            // It runs.
        }
        scheduled[instanceId] = time.GetTimestamp();
    }

    /// <summary>There is something new to do.</summary>
    public void Forget(string instanceId) => scheduled.TryRemove(instanceId, out _);
}
