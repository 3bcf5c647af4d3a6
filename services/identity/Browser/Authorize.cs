using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Tarasol.Identity.Sessions;
using Tarasol.Identity.Tokens;
using Tarasol.Tenancy;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Tarasol.Identity.Browser;

/// <summary>
/// GET /connect/authorize: OpenIddict has checked the client, its redirect URI (exactly as registered) and PKCE (S256). Who has not signed in is sent to the sign-in page, which
/// comes back here with the same question. All clients are our own, so nobody is asked for consent.
/// </summary>
internal static class Authorize
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public static async Task<IResult> HandleAsync(HttpContext http, SignInCookie cookie, UserSessions sessions, TokenContents contents, CurrentTenant tenant)
    {
        var request = http.GetOpenIddictServerRequest()!;
        var known = request.HasPromptValue(PromptValues.Login) ? null : await cookie.ReadAsync(http);
        if (known is { } person)
        {
            var session = await sessions.BeginAsync(person.User, request.ClientId!, http.Request, http.RequestAborted);
            return Results.SignIn(await contents.OfUserAsync(person.User, session, request.HasScope(Scopes.OpenId), person.Factors, http.RequestAborted), authenticationScheme: Scheme);
        }
        return request.HasPromptValue(PromptValues.None)
            ? Results.Forbid(
                new AuthenticationProperties(new Dictionary<string, string?>
                {
                    [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.LoginRequired,
                    [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "Nobody has signed in here.",
                }),
                [Scheme])
            : Results.Redirect($"/connect/login{Question(request, tenant.Slug)}");
    }

    // Only where to and what for; that nobody wants to be asked twice goes with the first answer.
    private static QueryString Question(OpenIddictRequest request, string tenant) => QueryString.Create(
        request.GetParameters().Where(parameter => parameter.Key is not (Parameters.Prompt or RequestedTenant.Parameter))
            .Select(parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value))
            .Append(KeyValuePair.Create(RequestedTenant.Parameter, (string?)tenant)));
}
