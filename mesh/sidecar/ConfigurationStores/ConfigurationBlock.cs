using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.ConfigurationStores;

/// <summary>Configuration: read and watched by apps, written by operators.</summary>
internal static class ConfigurationBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<ConfigurationApi>();
        services.AddHostedService(provider => provider.GetRequiredService<ConfigurationApi>());
        services.AddSingleton<ConfigurationGrpc>();
    }

    public static void MapHttp(IEndpointRouteBuilder routes) => ConfigurationHttp.Map(routes);

    public static void BindGrpc(DaprMethods methods) => ConfigurationGrpc.Bind(methods);
}
