using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Metadata;

namespace Tarasol.Sidecar.Workflows;

/// <summary>The workflow engine, its task hub and Dapr's workflow API.</summary>
internal static class WorkflowsBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<WorkflowEngines>();
        services.AddSingleton<IMetadataSource>(provider => provider.GetRequiredService<WorkflowEngines>());
        services.AddHostedService(provider => provider.GetRequiredService<WorkflowEngines>());
        services.AddSingleton<WorkflowApi>();
    }

    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<TaskHubService>();
        WorkflowHttp.Map(routes);
        RemoteWorkflowRoutes.Map(routes);
    }

    public static void BindGrpc(DaprMethods methods) => WorkflowGrpc.Bind(methods);
}
