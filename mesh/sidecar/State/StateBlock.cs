using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.State;

/// <summary>State management.</summary>
internal static class StateBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<StateApi>();
        services.AddSingleton<OutboxSubscriptions>();
        services.AddSingleton<IAppPart>(provider => provider.GetRequiredService<OutboxSubscriptions>());
    }

    public static void MapHttp(IEndpointRouteBuilder routes) => StateHttp.Map(routes);

    public static void BindGrpc(DaprMethods methods) => StateGrpc.Bind(methods);
}
