using OpenIddict.Abstractions;
using OpenIddict.Server;
using Tarasol.Identity.Sessions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Tarasol.Identity.Tokens;

/// <summary>POST /connect/revocation (RFC 7009): whoever gives back a token of a session ends the session, its other tokens included.</summary>
internal sealed class RevokeSession(UserSessions sessions) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<HandleRevocationRequestContext>()
        .UseScopedHandler<RevokeSession>().SetOrder(OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor.Order + 1).Build();

    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        var token = context.GenericTokenPrincipal;
        if (Guid.TryParse(token.GetClaim(Claims.Subject), out var user) && Guid.TryParse(token.GetAuthorizationId(), out var session))
            await sessions.EndAsync(user, session, UserSessions.Ended, context.CancellationToken);
    }
}
