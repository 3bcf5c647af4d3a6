using Dapr.Workflow.Abstractions;
using Dapr.Workflow.Worker;
using Grpc.Net.Client;

namespace Dapr.Workflow;

/// <summary>What this app's worker runs. Names compare without regard to case; the first registration of a name wins.</summary>
public sealed class WorkflowRuntimeOptions
{
    private readonly List<Action<WorkflowRegistry>> _registrations = [];

    internal GrpcChannelOptions? GrpcChannelOptions { get; private set; }

    /// <summary>Options of the channel to the sidecar; without a call, message sizes are unlimited and the connection is kept alive.</summary>
    public void UseGrpcChannelOptions(GrpcChannelOptions grpcChannelOptions)
    {
        ArgumentNullException.ThrowIfNull(grpcChannelOptions);
        GrpcChannelOptions = grpcChannelOptions;
    }

    /// <summary>Registers a function as a workflow.</summary>
    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        _registrations.Add(registry => registry.AddWorkflow(name, _ => new FunctionWorkflow<TInput, TOutput>(implementation)));
    }

    /// <summary>Registers a workflow type, made anew for each turn with its constructor's services.</summary>
    /// <param name="name">Null: the type's simple name.</param>
    public void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow =>
        _registrations.Add(registry => registry.AddWorkflow(name ?? typeof(TWorkflow).Name, WorkflowRegistry.Create<TWorkflow>));

    /// <summary>Registers a function as an activity.</summary>
    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        _registrations.Add(registry => registry.AddActivity(name, _ => new FunctionActivity<TInput, TOutput>(implementation)));
    }

    /// <summary>Registers an activity type, made anew for each run with its constructor's services.</summary>
    /// <param name="name">Null: the type's simple name.</param>
    public void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity =>
        _registrations.Add(registry => registry.AddActivity(name ?? typeof(TActivity).Name, WorkflowRegistry.Create<TActivity>));

    internal void Apply(WorkflowRegistry registry) => _registrations.ForEach(register => register(registry));
}
