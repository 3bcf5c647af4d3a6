using Dapr.Workflow.Worker;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Workflow.Protocol;

namespace Tarasol.Workflow.Testing;

/// <summary>One app's code and its instances, in the order of their start.</summary>
internal sealed class MemoryApp(string id, IServiceProvider services)
{
    public string Id => id;

    public OrderedDictionary<string, MemoryInstance> Instances { get; } = [];

    public required WorkflowTurn Turns { get; set; }

    public required ActivityRun Activities { get; set; }

    public WorkflowResponse Run(WorkflowRequest request)
    {
        using var scope = services.CreateScope();
        return Turns.Run(request, "", scope.ServiceProvider);
    }

    public async Task<ActivityResponse> RunAsync(ActivityRequest request)
    {
        await using var scope = services.CreateAsyncScope();
        return await Activities.RunAsync(request, "", scope.ServiceProvider);
    }
}
