using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Jobs;

/// <summary>Jobs: the app is called back at a time, or again and again.</summary>
internal static class JobsBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<JobsApi>();
        services.AddSingleton<IAppPart, JobTriggers>();
    }

    public static void MapHttp(IEndpointRouteBuilder routes) => JobsHttp.Map(routes);

    public static void BindGrpc(DaprMethods methods) => JobsGrpc.Bind(methods);
}
