using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Metadata;
using Tarasol.Sidecar.Placement;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Actors;

/// <summary>Actors, their state, timers and reminders.</summary>
internal static class ActorsBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<AppPlacement>();
        services.AddSingleton<JobSchedulers>();
        services.AddHostedService(provider => provider.GetRequiredService<JobSchedulers>());
        services.AddSingleton<ActorReminders>();
        services.AddSingleton<ActorHosting>();
        services.AddSingleton<IAppPart>(provider => provider.GetRequiredService<ActorHosting>());
        services.AddSingleton<IMetadataSource>(provider => provider.GetRequiredService<ActorHosting>());
        services.AddSingleton<ActorPeers>();
        services.AddSingleton<ActorRouter>();
    }

    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        ActorEndpoints.Map(routes);
        ActorPeers.Map(routes);
        PlacedAgenda.Map(routes);
    }

    public static void BindGrpc(DaprMethods methods) => ActorGrpc.Bind(methods);
}
