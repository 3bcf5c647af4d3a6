using System.Security.Claims;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.Abstractions;
using Tarasol.Identity.Data;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Tarasol.Identity.Tokens;

/// <summary>What access tokens say. Asked anew at every refresh, so that a change of roles is seen within the life of an access token.</summary>
internal sealed class TokenContents(AccountsDbContext db, CurrentTenant tenant, IConfiguration configuration)
{
    /// <summary>The token of a person, with a refresh token.</summary>
    public async Task<ClaimsPrincipal> OfUserAsync(ApplicationUser user, Guid session, bool openId, IReadOnlyList<string> factors, CancellationToken cancel)
    {
        var roles = db.UserRoles.Where(given => given.UserId == user.Id).Select(given => given.RoleId);
        var names = await db.Roles.Where(role => roles.Contains(role.Id)).Select(role => role.Name!).ToListAsync(cancel);
        var permissions = await db.RoleClaims.Where(claim => roles.Contains(claim.RoleId) && claim.ClaimType == TokenRules.PermissionClaim)
            .Select(claim => claim.ClaimValue!).Distinct().ToListAsync(cancel);

        var identity = new ClaimsIdentity("password")
            .SetClaim(Claims.Subject, user.Id.ToString())
            .SetClaim(TokenRules.TenantClaim, tenant.Slug)
            .SetClaim(TokenRules.UserNameClaim, user.UserName)
            .SetClaim(TokenRules.ClearanceClaim, user.Clearance)
            .SetClaim(TokenRules.SessionClaim, session.ToString())
            .SetClaim(TokenRules.VersionClaim, user.TokenVersion)
            .SetAuthorizationId(session.ToString())
            .SetScopes(openId ? [Scopes.OpenId, Scopes.OfflineAccess] : [Scopes.OfflineAccess])
            .SetResources(TokenRules.PublicAudience);
        identity.AddClaim(Array(Claims.AuthenticationMethodReference, factors));
        identity.AddClaim(Array(TokenRules.RoleClaim, names));
        identity.AddClaim(Array(TokenRules.PermissionClaim, permissions));
        if (await InBranchesAsync(user.Id, permissions, cancel) is { Count: > 0 } inBranches)
            identity.AddClaim(new(TokenRules.BranchPermissionsClaim, JsonSerializer.Serialize(inBranches), JsonClaimValueTypes.Json));
        return ForAccessToken(identity);
    }

    /// <summary>The token of a service, for the internal routes of others. It belongs to no tenant.</summary>
    public ClaimsPrincipal OfService(string appId) => ForAccessToken(
        new ClaimsIdentity("client").SetClaim(Claims.Subject, appId).SetScopes(ServiceScopes.Of(appId, SeedClients.Services(configuration))).SetResources(TokenRules.InternalAudience));

    // What the person may do everywhere needs no branch.
    private async Task<SortedDictionary<string, List<Guid>>> InBranchesAsync(Guid user, List<string> everywhere, CancellationToken cancel)
    {
        var rows = await (from given in db.LimitedRoles
                          join claim in db.RoleClaims on given.RoleId equals claim.RoleId
                          where given.UserId == user && claim.ClaimType == TokenRules.PermissionClaim && !everywhere.Contains(claim.ClaimValue!)
                          select new { Permission = claim.ClaimValue!, given.UnitId }).Distinct().ToListAsync(cancel);
        return new(rows.GroupBy(row => row.Permission).ToDictionary(group => group.Key, group => group.Select(row => row.UnitId).Order().ToList()), StringComparer.Ordinal);
    }

    private static ClaimsPrincipal ForAccessToken(ClaimsIdentity identity)
    {
        // An ID token says who and which session, for signing out; all else is for services.
        identity.SetDestinations(static claim => claim.Type is TokenRules.SessionClaim or TokenRules.UserNameClaim
            ? [Destinations.AccessToken, Destinations.IdentityToken] : [Destinations.AccessToken]);
        return new(identity);
    }

    // As one JSON claim: repeated claims would become an array only from two on.
    private static Claim Array(string type, IEnumerable<string> values) =>
        new(type, JsonSerializer.Serialize(values.Order(StringComparer.Ordinal)), JsonClaimValueTypes.JsonArray);
}
