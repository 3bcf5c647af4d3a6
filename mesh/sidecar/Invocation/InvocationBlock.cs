using Dapr.Client.Autogen.Grpc.v1;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>Service invocation. Over HTTP it is the fallback of all routes and so is not mapped here, see <see cref="HttpApi"/>.</summary>
internal static class InvocationBlock
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<HostAddress>();
        services.AddSingleton<NameResolution>();
        services.AddSingleton<Peers>();
        services.AddSingleton<IPeers>(provider => provider.GetRequiredService<Peers>());
        services.AddHttpForwarder();
        services.AddSingleton<GrpcProxy>();
        services.AddSingleton<OutsideCalls>();
        services.AddSingleton<HttpInvocation>();
        services.AddSingleton<InternalApi>();
    }

    public static void BindGrpc(DaprMethods methods) => methods.Unary<InvokeServiceRequest, InvokeResponse>("InvokeService", GrpcInvocation.InvokeAsync);
}
