using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Metadata;

/// <summary>Building blocks for which this host has no component types: they answer as a daprd without such components does.</summary>
internal static class RefusedApis
{
    /// <summary>daprd's words for an API that it knows and does not have.</summary>
    public const string NotImplemented = "this API is currently not implemented";

    public static void MapHttp(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1.0-alpha1/crypto/{name}/encrypt", RefuseCrypto);
        routes.MapPut("/v1.0-alpha1/crypto/{name}/decrypt", RefuseCrypto);
        routes.MapPost("/v1.0-alpha1/conversation/{name}/converse", RefuseConversation);
        routes.MapPost("/v1.0-alpha2/conversation/{name}/converse", RefuseConversation);
    }

    public static void BindGrpc(DaprMethods methods)
    {
        methods.Duplex<EncryptRequest, EncryptResponse>("EncryptAlpha1", (_, _, _, _) => throw NoCryptoProvider());
        methods.Duplex<DecryptRequest, DecryptResponse>("DecryptAlpha1", (_, _, _, _) => throw NoCryptoProvider());
        NotBuilt<SubtleGetKeyRequest, SubtleGetKeyResponse>(methods, "SubtleGetKeyAlpha1");
        NotBuilt<SubtleEncryptRequest, SubtleEncryptResponse>(methods, "SubtleEncryptAlpha1");
        NotBuilt<SubtleDecryptRequest, SubtleDecryptResponse>(methods, "SubtleDecryptAlpha1");
        NotBuilt<SubtleWrapKeyRequest, SubtleWrapKeyResponse>(methods, "SubtleWrapKeyAlpha1");
        NotBuilt<SubtleUnwrapKeyRequest, SubtleUnwrapKeyResponse>(methods, "SubtleUnwrapKeyAlpha1");
        NotBuilt<SubtleSignRequest, SubtleSignResponse>(methods, "SubtleSignAlpha1");
        NotBuilt<SubtleVerifyRequest, SubtleVerifyResponse>(methods, "SubtleVerifyAlpha1");
#pragma warning disable CS0612 // Obsolete in favour of the second alpha; who calls it still gets the answer.
        methods.Unary<ConversationRequest, ConversationResponse>("ConverseAlpha1", (_, request, _) => throw NoConversation(request.Name));
#pragma warning restore CS0612
        methods.Unary<ConversationRequestAlpha2, ConversationResponseAlpha2>("ConverseAlpha2", (_, request, _) => throw NoConversation(request.Name));
    }

    /// <summary>daprd has them only in builds of one's own.</summary>
    private static void NotBuilt<TRequest, TResponse>(DaprMethods methods, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        methods.Unary<TRequest, TResponse>(name, (_, _, _) => throw new DaprException("ERR_API_UNIMPLEMENTED", StatusCodes.Status501NotImplemented, StatusCode.Unimplemented, NotImplemented));

    private static Task RefuseCrypto(HttpContext context) => throw NoCryptoProvider();

    private static Task RefuseConversation(HttpContext context, string name) => throw NoConversation(name);

    private static DaprException NoCryptoProvider() =>
        new("ERR_CRYPTO_PROVIDERS_NOT_CONFIGURED", StatusCodes.Status500InternalServerError, StatusCode.Internal, "crypto providers not configured");

    private static DaprException NoConversation(string name) =>
        new("ERR_CONVERSATION_NOT_FOUND", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"failed finding conversation component {name}");
}
