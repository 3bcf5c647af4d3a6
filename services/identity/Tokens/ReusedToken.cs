using OpenIddict.Abstractions;
using OpenIddict.Server;
using Tarasol.Identity.Sessions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Protection;

namespace Tarasol.Identity.Tokens;

/// <summary>
/// A refresh token or code that was used up and comes again is in two hands. OpenIddict ends the family of its refresh tokens; this also ends the access tokens that
/// came of it.
/// </summary>
internal sealed class ReusedToken(IOpenIddictTokenManager tokens, UserSessions sessions, ILogger<ReusedToken> log) : IOpenIddictServerHandler<ValidateTokenContext>
{
    private const string Reason = "token-reused";

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
        .UseScopedHandler<ReusedToken>().SetOrder(ValidateTokenEntry.Descriptor.Order - 1).Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.Principal is not { } principal
            || !principal.HasTokenType(TokenTypeIdentifiers.RefreshToken) && !principal.HasTokenType(TokenTypeIdentifiers.Private.AuthorizationCode)
            || principal.GetTokenId() is not { } id || await tokens.FindByIdAsync(id, context.CancellationToken) is not { } token
            || !await tokens.HasStatusAsync(token, Statuses.Redeemed, context.CancellationToken))
            return;
        if (Guid.TryParse(principal.GetClaim(Claims.Subject), out var user) && Guid.TryParse(principal.GetAuthorizationId(), out var session)
            && await sessions.EndAsync(user, session, Reason, context.CancellationToken))
            log.LogWarning("A token that was used up came again; session {Session} of user {User} was ended", session, user);
    }
}
