using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Metadata;

/// <summary>Metadata, health and shutdown.</summary>
internal static class MetadataBlock
{
    public static void AddServices(IServiceCollection services) => services.AddSingleton<MetadataApi>();

    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        HealthApi.Map(routes);
        routes.MapGet("/v1.0/metadata", (HttpContext context, MetadataApi metadata) => context.Response.DataAsync(metadata.Json(context.App())));
        routes.MapPut("/v1.0/metadata/{key}", async (HttpContext context, string key, MetadataApi metadata) =>
        {
            metadata.Set(context.App(), key, Encoding.UTF8.GetString(await context.Request.BodyAsync()));
            await context.Response.NoContentAsync();
        });
        routes.MapPost("/v1.0/shutdown", (HttpContext context, Shutdown shutdown) =>
        {
            shutdown.Request(context.App());
            return context.Response.NoContentAsync();
        });
        RefusedApis.MapHttp(routes);
    }

    public static void BindGrpc(DaprMethods methods)
    {
        methods.Unary<GetMetadataRequest, GetMetadataResponse>("GetMetadata", (app, _, call) =>
            Task.FromResult(call.GetHttpContext().RequestServices.GetRequiredService<MetadataApi>().Describe(app)));
        methods.Unary<SetMetadataRequest, Empty>("SetMetadata", (app, request, call) =>
        {
            call.GetHttpContext().RequestServices.GetRequiredService<MetadataApi>().Set(app, request.Key, request.Value);
            return Task.FromResult(new Empty());
        });
        methods.Unary<ShutdownRequest, Empty>("Shutdown", (app, _, call) =>
        {
            call.GetHttpContext().RequestServices.GetRequiredService<Shutdown>().Request(app);
            return Task.FromResult(new Empty());
        });
        RefusedApis.BindGrpc(methods);
    }
}
