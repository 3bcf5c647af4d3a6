using Dapr.Workflow;
using Tarasol.Tests.Sidecar.Workflows.Conformance;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>What a workflow costs the store.</summary>
public sealed class HistoryCostTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Long_histories_do_not_make_turns_dearer()
    {
        var store = new MemoryStore();
        await using var host = await EngineHost.StartAsync(store, "wf");
        await using var app = await host.AppAsync("wf", ConformanceWorkflows.Register);
        var id = await app.Client.ScheduleNewWorkflowAsync("Steps", null, 10);
        Assert.Equal(10, (await app.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).ReadOutputAs<int>());
        var few = store.Written;
        id = await app.Client.ScheduleNewWorkflowAsync("Steps", null, 100);
        Assert.Equal(100, (await app.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(Deadline)).ReadOutputAs<int>());
        Assert.InRange(store.Written - few, 0, few * 13);
    }
}
