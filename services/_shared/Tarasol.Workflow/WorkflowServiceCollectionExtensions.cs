using Dapr.Workflow.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow;

/// <summary>Adds Dapr workflows to an app.</summary>
public static class WorkflowServiceCollectionExtensions
{
    /// <summary>Adds <see cref="DaprWorkflowClient"/> and a worker without workflows or activities.</summary>
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services) => services.AddDaprWorkflow(_ => { });

    /// <summary>
    /// Adds <see cref="DaprWorkflowClient"/> and the worker that runs the registered workflows and activities. It connects to the sidecar of DAPR_GRPC_ENDPOINT or
    /// DAPR_GRPC_PORT with DAPR_API_TOKEN, all three from the app's configuration or environment. More than one call adds up.
    /// </summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Registers workflows and activities.</param>
    /// <param name="lifetime">Lifetime of the client.</param>
    public static IServiceCollection AddDaprWorkflow(
        this IServiceCollection services, Action<WorkflowRuntimeOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new WorkflowRuntimeOptions();
        configure(options);
        services.AddSingleton(options);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new TaskHubConnection(provider.GetService<IConfiguration>(), provider.GetServices<WorkflowRuntimeOptions>()));
        services.TryAddSingleton(provider => new WorkflowRegistry(provider.GetServices<WorkflowRuntimeOptions>()));
        services.TryAdd(new ServiceDescriptor(
            typeof(DaprWorkflowClient), provider => new DaprWorkflowClient(provider.GetRequiredService<TaskHubConnection>(), provider.GetRequiredService<TimeProvider>()), lifetime));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, WorkflowWorker>(provider => new WorkflowWorker(
            provider.GetRequiredService<TaskHubConnection>(),
            provider.GetRequiredService<WorkflowRegistry>(),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>())));
        return services;
    }
}
