using System.Diagnostics;
using Dapr.Workflow;
using Dapr.Workflow.Client;
using Tarasol.Tests.WorkflowApp;

namespace Tarasol.Tests.Load.Workflows;

/// <summary>
/// Workflows a second from start to completion, with host, worker and client in a process each, on state.sqlite: every step is on disk before it counts. The chain has five activities, approve an
/// activity, an external event and an activity.
/// </summary>
internal static class WorkflowLoad
{
    private static readonly int[] AtOnce = [1, 30, 100];

    public static async Task RunAsync(int seconds, CancellationToken cancel)
    {
        const string component = """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec:
              type: state.sqlite
              version: v1
              metadata: [{ name: connectionString, value: state.db }, { name: actorStateStore, value: "true" }]
            """;
        await using var host = await SidecarUnderLoad.StartAsync([("app", ChildProcess.FreePort())], [component], cancel, health: "healthz/outbound");
        await using var worker = ChildProcess.Start(typeof(LoadWorkflows).Assembly.Location, [], Path.GetTempPath(), ("DAPR_GRPC_PORT", $"{host.GrpcPorts[0]}"));
        await using var services = Client(host.GrpcPorts[0]);
        var client = services.GetRequiredService<DaprWorkflowClient>();

        Report.Progress($"workflows: one sync of the disk takes {Sync(host.Folder):0.00} ms");
        Report.Title("Workflows", "workflow", "at once", "per second", "p50 ms", "p99 ms", "load average");
        await RowsAsync("chain of 5", async stop => Check(6, await EndAsync(client, await client.ScheduleNewWorkflowAsync("LoadChain", null, 1, (DateTimeOffset?)null, stop), stop)));
        await RowsAsync("approve", async stop =>
        {
            var id = await client.ScheduleNewWorkflowAsync("LoadApprove", null, 1, (DateTimeOffset?)null, stop);
            await client.RaiseEventAsync(id, "approve", true, stop);
            Check(3, await EndAsync(client, id, stop));
        });

        Report.Title("A long history", "events", "ms a step, around the 100th event", "ms a step, around the 10,000th", "ratio");
        var history = await LongAsync(client, cancel);
        var (early, late) = (MedianStep(history, 100), MedianStep(history, 10_000));
        Report.Row($"{history.Count}", Report.Number(early, "0.00"), Report.Number(late, "0.00"), Report.Number(late / early, "0.00"));

        async Task RowsAsync(string what, Func<CancellationToken, Task> once)
        {
            foreach (var clients in AtOnce)
            {
                Report.Progress($"workflows, {what}, {clients} at once");
                var measured = await ClosedLoop.RunAsync(clients, seconds, (_, stop) => once(stop), cancel);
                Report.Row(what, $"{clients}", Report.Number(measured.PerSecond, "0.0"), Report.Number(measured.At(50), "0.0"), Report.Number(measured.At(99), "0.0"), Report.LoadAverage());
            }
        }
    }

    private static async Task<int> EndAsync(DaprWorkflowClient client, string id, CancellationToken cancel) =>
        (await client.WaitForWorkflowCompletionAsync(id, true, cancel)).ReadOutputAs<int>();

    private static void Check(int expected, int output)
    {
        if (output != expected)
            throw new InvalidOperationException($"a workflow answered {output} instead of {expected}");
    }

    /// <summary>Three events of the history for each activity.</summary>
    private static async Task<IReadOnlyList<WorkflowHistoryEvent>> LongAsync(DaprWorkflowClient client, CancellationToken cancel)
    {
        const int steps = 3500;
        Report.Progress("workflows, a long history");
        var id = await client.ScheduleNewWorkflowAsync("LoadLong", null, steps, (DateTimeOffset?)null, cancel);
        Check(steps, await EndAsync(client, id, cancel));
        return await client.GetInstanceHistoryAsync(id, cancel);
    }

    /// <summary>The median time between two scheduled activities among the 100 steps after so many events.</summary>
    private static double MedianStep(IReadOnlyList<WorkflowHistoryEvent> history, int after)
    {
        var times = history.Skip(after).Where(happened => happened.EventType == WorkflowHistoryEventType.TaskScheduled).Take(101).Select(happened => happened.Timestamp).ToList();
        return times.Zip(times.Skip(1), (one, next) => (next - one).TotalMilliseconds).Order().ElementAt(50);
    }

    /// <summary>What the disk under the store needs at the least for each commit.</summary>
    private static double Sync(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "sync"), FileMode.Create);
        var watch = Stopwatch.StartNew();
        for (var time = 0; time < 100; time++)
        {
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
        }
        return watch.Elapsed.TotalMilliseconds / 100;
    }

    private static ServiceProvider Client(int grpcPort)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_GRPC_PORT"] = $"{grpcPort}" }).Build());
        services.AddDaprWorkflow();
        return services.BuildServiceProvider();
    }
}
