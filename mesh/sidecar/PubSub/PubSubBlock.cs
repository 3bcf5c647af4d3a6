using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Metadata;

namespace Tarasol.Sidecar.PubSub;

/// <summary>Publish and subscribe.</summary>
internal static class PubSubBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton(provider => new DeclaredSubscriptions([.. provider.GetRequiredService<ResourceCatalogue>().OfKind("Subscription")]));
        services.AddSingleton<Publisher>();
        services.AddSingleton<ProgrammaticSubscriptions>();
        services.AddSingleton<AppSubscriptions>();
        services.AddSingleton<IAppPart>(provider => provider.GetRequiredService<AppSubscriptions>());
        services.AddSingleton<IMetadataSource, SubscriptionMetadata>();
    }

    public static void MapHttp(IEndpointRouteBuilder routes) => PublishHttp.Map(routes);

    public static void BindGrpc(DaprMethods methods)
    {
        PublishGrpc.Bind(methods);
        StreamingSubscriptions.Bind(methods);
    }
}
