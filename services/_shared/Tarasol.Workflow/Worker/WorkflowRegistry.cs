using Dapr.Workflow.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace Dapr.Workflow.Worker;

/// <summary>Names and how to make what they stand for.</summary>
internal sealed class WorkflowRegistry
{
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflow>> _workflows = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflowActivity>> _activities = new(StringComparer.OrdinalIgnoreCase);

    public WorkflowRegistry(IEnumerable<WorkflowRuntimeOptions> options)
    {
        foreach (var some in options)
        {
            some.Apply(this);
        }
    }

    public void AddWorkflow(string name, Func<IServiceProvider, IWorkflow> create) => _workflows.TryAdd(name, create);

    public void AddActivity(string name, Func<IServiceProvider, IWorkflowActivity> create) => _activities.TryAdd(name, create);

    public Func<IServiceProvider, IWorkflow>? FindWorkflow(string name) => _workflows.GetValueOrDefault(name);

    public Func<IServiceProvider, IWorkflowActivity>? FindActivity(string name) => _activities.GetValueOrDefault(name);

    public static T Create<T>(IServiceProvider services) where T : class => ActivatorUtilities.GetServiceOrCreateInstance<T>(services);
}

internal sealed class FunctionWorkflow<TInput, TOutput>(Func<WorkflowContext, TInput, Task<TOutput>> run) : Workflow<TInput, TOutput>
{
    public override Task<TOutput> RunAsync(WorkflowContext context, TInput input) => run(context, input);
}

internal sealed class FunctionActivity<TInput, TOutput>(Func<WorkflowActivityContext, TInput, Task<TOutput>> run) : WorkflowActivity<TInput, TOutput>
{
    public override Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input) => run(context, input);
}
