using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarasol.Identity.Clients;
using Tarasol.Identity.Secrets;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Browser;

/// <summary>Signing in from browser and mobile apps: authorization code with PKCE.</summary>
public static class BrowserEndpoints
{
    public static void AddBrowserSignIn(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // TLS ends at the gateway; what clients see is the public address.
        var https = AuthSetup.Issuer(builder.Configuration).StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        services.AddAuthentication().AddCookie(SignInCookie.Scheme, cookie => SignInCookie.Configure(cookie, https));
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = https ? "__Secure-tarasol-form" : "tarasol-form";
            options.Cookie.Path = "/connect";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = https ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            options.FormFieldName = "form";
            options.SuppressXFrameOptionsHeader = true;
        });
        services.Replace(ServiceDescriptor.Singleton<IDataProtectionProvider, SealedData>());
        services.AddScoped<SignInCookie>();
    }

    public static void MapBrowserSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapClients();
        var pages = routes.MapGroup("/connect").AllowAnonymous().WithMetadata(new AnyTenant()).ExcludeFromDescription();
        pages.MapGet("authorize", Authorize.HandleAsync);
        pages.MapGet("login", SignInForm.ShowAsync);
        pages.MapPost("login", SignInForm.SubmitAsync);
        pages.MapGet("logout", Logout.HandleAsync);
    }
}
