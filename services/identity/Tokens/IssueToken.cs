using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Tarasol.Identity.Mfa;
using Tarasol.Identity.Sessions;
using Tarasol.Identity.Users;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Tarasol.Identity.Tokens;

/// <summary>POST /connect/token: OpenIddict has checked the client, its grant types and a refresh token; whose token it is is decided here.</summary>
internal static class IssueToken
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private const string NoLongerValid = "The session has ended. Sign in again.";

    public static async Task<IResult> HandleAsync(
        HttpContext http, UserManager<ApplicationUser> users, SignIn signIn, UserSessions sessions, TokenContents contents)
    {
        var request = http.GetOpenIddictServerRequest()!;
        var cancel = http.RequestAborted;
        switch (request.GrantType)
        {
            case GrantTypes.Password:
                var outcome = await signIn.RunAsync(new(request.Username!, request.Password!, (string?)request["new_password"], (string?)request["mfa_code"]), cancel);
                return outcome.User is { } user
                    ? Issue(await contents.OfUserAsync(user, await sessions.BeginAsync(user, request.ClientId!, http.Request, cancel), request.HasScope(Scopes.OpenId), outcome.Factors!, cancel))
                    : Refuse(outcome.Error!, outcome.Description!, outcome.Enrolment);
            case GrantTypes.RefreshToken or GrantTypes.AuthorizationCode:
                var refreshed = (await http.AuthenticateAsync(Scheme)).Principal!;
                var session = Guid.Parse(refreshed.GetAuthorizationId()!);
                return await users.FindByIdAsync(refreshed.FindFirstValue(Claims.Subject)!) is { DisabledAt: null } known && await sessions.IsOpenAsync(session, cancel)
                    ? Issue(await contents.OfUserAsync(known, session, refreshed.HasScope(Scopes.OpenId), [.. refreshed.GetClaims(Claims.AuthenticationMethodReference)], cancel))
                    : Refuse(Errors.InvalidGrant, NoLongerValid);
            default:
                return Issue(contents.OfService(request.ClientId!));
        }
    }

    private static IResult Issue(ClaimsPrincipal principal) => Results.SignIn(principal, authenticationScheme: Scheme);

    private static IResult Refuse(string error, string description, Enrolment? enrolment = null)
    {
        var properties = new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        });
        if (error == SignInOutcome.MfaRequired)
            properties.SetParameter("mfa_state", enrolment is null ? "code" : "enrol");
        if (enrolment is not null)
        {
            properties.SetParameter("mfa_secret", enrolment.Secret);
            properties.SetParameter("mfa_uri", enrolment.Uri);
        }
        return Results.Forbid(properties, [Scheme]);
    }
}
