using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Tarasol.Identity.Sessions;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Identity.Browser;

/// <summary>
/// GET /connect/logout: takes the cookie away and ends the session of the ID token that is shown. Leads to an address that the client has registered for it, or to nowhere.
/// </summary>
internal static class Logout
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public static async Task<IResult> HandleAsync(HttpContext http, UserSessions sessions)
    {
        var shown = await http.AuthenticateAsync(Scheme);
        if (shown.Principal is { } principal && Guid.TryParse(principal.GetClaim("sub"), out var user) && Guid.TryParse(principal.GetClaim(TokenRules.SessionClaim), out var session))
            await sessions.EndAsync(user, session, UserSessions.Ended, http.RequestAborted);
        await http.SignOutAsync(SignInCookie.Scheme);
        return Results.SignOut(authenticationSchemes: [Scheme]);
    }
}
