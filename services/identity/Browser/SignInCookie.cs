using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Identity.Users;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Browser;

/// <summary>The cookie of the sign-in page. It is good at the pages of identity alone, for the tenant that it was made at, and ends with the password, the rights or the account.</summary>
internal sealed class SignInCookie(AccountsDbContext db, CurrentTenant tenant)
{
    public const string Scheme = "sign-in";
    private const string StampClaim = "stamp";
    private const string FactorsClaim = "amr";

    public static Task WriteAsync(HttpContext http, ApplicationUser user, string slug, IEnumerable<string> factors) => http.SignInAsync(Scheme, new(new ClaimsIdentity(
        [
            new("sub", user.Id.ToString()), new(TokenRules.TenantClaim, slug), new(TokenRules.VersionClaim, $"{user.TokenVersion}"), new(StampClaim, user.SecurityStamp ?? ""),
            .. factors.Select(factor => new Claim(FactorsClaim, factor)),
        ], Scheme)));

    /// <summary>The person who signed in here, or null.</summary>
    public async Task<(ApplicationUser User, IReadOnlyList<string> Factors)?> ReadAsync(HttpContext http)
    {
        var given = await http.AuthenticateAsync(Scheme);
        if (given.Principal is not { } principal || principal.FindFirstValue(TokenRules.TenantClaim) != tenant.Slug)
            return null;
        var id = principal.UserId();
        return await db.Users.FirstOrDefaultAsync(user => user.Id == id, http.RequestAborted) is { DisabledAt: null } known
            && principal.FindFirstValue(TokenRules.VersionClaim) == $"{known.TokenVersion}" && principal.FindFirstValue(StampClaim) == (known.SecurityStamp ?? "")
            ? (known, [.. principal.FindAll(FactorsClaim).Select(factor => factor.Value)])
            : null;
    }

    public static void Configure(CookieAuthenticationOptions cookie, bool https)
    {
        cookie.Cookie.Name = https ? "__Secure-tarasol-sign-in" : "tarasol-sign-in";
        cookie.Cookie.Path = "/connect";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = https ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        cookie.ExpireTimeSpan = TimeSpan.FromHours(8);
        cookie.SlidingExpiration = false;
        cookie.Events.OnRedirectToLogin = context =>
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
    }
}
