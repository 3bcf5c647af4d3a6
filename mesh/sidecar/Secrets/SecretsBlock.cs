using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Secrets;

/// <summary>Secrets.</summary>
internal static class SecretsBlock
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = GoJson.WriterOptions.Encoder };

    public static void AddServices(IServiceCollection services) => services.AddSingleton<SecretsApi>();

    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1.0/secrets/{store}/bulk", async (HttpContext context, string store, SecretsApi secrets) =>
        {
            var all = await secrets.GetAllAsync(context.App(), store, context.Request.QueryMetadata(), context.RequestAborted);
            await context.Response.DataAsync(JsonSerializer.SerializeToUtf8Bytes(all, Plain));
        });
        routes.MapGet("/v1.0/secrets/{store}/{key}", async (HttpContext context, string store, string key, SecretsApi secrets) =>
        {
            var secret = await secrets.GetAsync(context.App(), store, key, context.Request.QueryMetadata(), context.RequestAborted);
            await context.Response.DataAsync(JsonSerializer.SerializeToUtf8Bytes(secret, Plain));
        });
    }

    public static void BindGrpc(DaprMethods methods)
    {
        methods.Unary<GetSecretRequest, GetSecretResponse>("GetSecret", async (app, request, call) =>
        {
            var secrets = call.GetHttpContext().RequestServices.GetRequiredService<SecretsApi>();
            var secret = await secrets.GetAsync(app, request.StoreName, request.Key, request.Metadata, call.CancellationToken);
            var response = new GetSecretResponse();
            foreach (var (key, value) in secret)
                response.Data[key] = value;
            return response;
        });
        methods.Unary<GetBulkSecretRequest, GetBulkSecretResponse>("GetBulkSecret", async (app, request, call) =>
        {
            var secrets = call.GetHttpContext().RequestServices.GetRequiredService<SecretsApi>();
            var response = new GetBulkSecretResponse();
            foreach (var (name, values) in await secrets.GetAllAsync(app, request.StoreName, request.Metadata, call.CancellationToken))
            {
                var secret = new SecretResponse();
                foreach (var (key, value) in values)
                    secret.Secrets[key] = value;
                response.Data[name] = secret;
            }
            return response;
        });
    }
}
