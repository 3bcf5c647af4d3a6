using Tarasol.Sidecar.Actors;
using Tarasol.Sidecar.Bindings;
using Tarasol.Sidecar.ConfigurationStores;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Jobs;
using Tarasol.Sidecar.Locks;
using Tarasol.Sidecar.Metadata;
using Tarasol.Sidecar.PubSub;
using Tarasol.Sidecar.Secrets;
using Tarasol.Sidecar.State;
using Tarasol.Sidecar.Workflows;

namespace Tarasol.Sidecar.Hosting;

/// <summary>The building blocks, in the order in which their app parts start.</summary>
internal static class BuildingBlocks
{
    public static void AddServices(IServiceCollection services)
    {
        MetadataBlock.AddServices(services);
        InvocationBlock.AddServices(services);
        StateBlock.AddServices(services);
        SecretsBlock.AddServices(services);
        ConfigurationBlock.AddServices(services);
        LockBlock.AddServices(services);
        PubSubBlock.AddServices(services);
        BindingsBlock.AddServices(services);
        ActorsBlock.AddServices(services);
        JobsBlock.AddServices(services);
        WorkflowsBlock.AddServices(services);
    }

    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        MetadataBlock.MapHttp(routes);
        StateBlock.MapHttp(routes);
        SecretsBlock.MapHttp(routes);
        ConfigurationBlock.MapHttp(routes);
        LockBlock.MapHttp(routes);
        BindingsBlock.MapHttp(routes);
        PubSubBlock.MapHttp(routes);
        ActorsBlock.MapHttp(routes);
        JobsBlock.MapHttp(routes);
        WorkflowsBlock.MapHttp(routes);
    }

    public static void BindGrpc(DaprMethods methods)
    {
        MetadataBlock.BindGrpc(methods);
        InvocationBlock.BindGrpc(methods);
        StateBlock.BindGrpc(methods);
        SecretsBlock.BindGrpc(methods);
        ConfigurationBlock.BindGrpc(methods);
        LockBlock.BindGrpc(methods);
        BindingsBlock.BindGrpc(methods);
        PubSubBlock.BindGrpc(methods);
        ActorsBlock.BindGrpc(methods);
        JobsBlock.BindGrpc(methods);
        WorkflowsBlock.BindGrpc(methods);
    }
}
