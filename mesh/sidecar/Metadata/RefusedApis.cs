using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Metadata;

/// <summary>Building blocks for which this host has no component types: they answer as a daprd without such components does.</summary>
internal static class RefusedApis
{
    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1.0-alpha1/crypto/{name}/encrypt", NoCryptoProvider);
        routes.MapPut("/v1.0-alpha1/crypto/{name}/decrypt", NoCryptoProvider);
        routes.MapPost("/v1.0-alpha1/conversation/{name}/converse", NoConversation);
        routes.MapPost("/v1.0-alpha2/conversation/{name}/converse", NoConversation);
    }

    private static Task NoCryptoProvider(HttpContext context) =>
        throw new DaprException("ERR_CRYPTO_PROVIDERS_NOT_CONFIGURED", StatusCodes.Status500InternalServerError, StatusCode.Internal, "crypto providers not configured");

    private static Task NoConversation(HttpContext context, string name) =>
        throw new DaprException("ERR_CONVERSATION_NOT_FOUND", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"failed finding conversation component {name}");
}
