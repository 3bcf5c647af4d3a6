using Dapr.Workflow;

namespace Tarasol.Tests.Sidecar.Workflows.Conformance;

/// <summary>The embedded host, and two apps with the worker library, over gRPC.</summary>
internal sealed class HostBench(EngineHost host, WorkflowApp app, WorkflowApp other) : Bench
{
    private WorkflowApp _app = app;

    public override IDaprWorkflowClient Client => _app.Client;

    public override IDaprWorkflowClient Other => other.Client;

    public static async Task<Bench> StartAsync()
    {
        var host = await EngineHost.StartAsync(new MemoryStore(), "wf", "other");
        return new HostBench(host, await host.AppAsync("wf", ConformanceWorkflows.Register), await host.AppAsync("other", ConformanceWorkflows.RegisterOther));
    }

    public override Task PassAsync(TimeSpan time) => Task.Delay(time);

    public override async Task RedeployAsync(Action<WorkflowRuntimeOptions> register)
    {
        await _app.DisposeAsync();
        _app = await host.AppAsync("wf", register);
    }

    public override async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await other.DisposeAsync();
        await host.DisposeAsync();
    }
}
