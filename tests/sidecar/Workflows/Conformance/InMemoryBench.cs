using Dapr.Workflow;
using Tarasol.Workflow.Testing;

namespace Tarasol.Tests.Sidecar.Workflows.Conformance;

internal sealed class InMemoryBench : Bench
{
    private readonly WorkflowRunner _runner = new(ConformanceWorkflows.Register, appId: "wf");

    public InMemoryBench() => Other = _runner.AddApp("other", ConformanceWorkflows.RegisterOther);

    public override IDaprWorkflowClient Client => _runner.Client;

    public override IDaprWorkflowClient Other { get; }

    public override Task PassAsync(TimeSpan time) => _runner.AdvanceAsync(time);

    public override Task RedeployAsync(Action<WorkflowRuntimeOptions> register)
    {
        _runner.Redeploy(register);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => _runner.DisposeAsync();
}
