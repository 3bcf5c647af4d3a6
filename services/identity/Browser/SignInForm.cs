using Microsoft.AspNetCore.Antiforgery;
using OpenIddict.Abstractions;
using Tarasol.Identity.Tokens;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Browser;

/// <summary>
/// GET and POST /connect/login: the sign-in page. Its query is the question of an app to /connect/authorize, where it leads back to and nowhere else, so that there is no
/// address in it to be abused; that the app may be answered where it wants is checked before the page is shown.
/// </summary>
internal static class SignInForm
{
    public static readonly Problem BadApp = new("sign-in-app-unknown", 400, new("This link is not one of an app that is known here.", "هذا الرابط ليس من تطبيق معروف هنا."));
    public static readonly Problem FormExpired = new("sign-in-form-expired", 400, new("The form has expired; open the page again.", "انتهت صلاحية النموذج؛ افتح الصفحة من جديد."));
    private const int Longest = 200;

    public static async Task<IResult> ShowAsync(HttpContext http, TenantScopes tenants, IAntiforgery antiforgery)
    {
        await RequestedTenant.EnterAsync(tenants, http);
        return await PageAsync(http, antiforgery, "", null);
    }

    public static async Task<IResult> SubmitAsync(HttpContext http, TenantScopes tenants, IAntiforgery antiforgery)
    {
        if (!http.Request.HasFormContentType || !await antiforgery.IsRequestValidAsync(http))
            return FormExpired.Result();
        var slug = await RequestedTenant.EnterAsync(tenants, http);
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var userName = Field("username");
        // Only now is there a database to look into.
        var outcome = await http.RequestServices.GetRequiredService<SignIn>().RunAsync(new(userName, Field("password"), Field("new_password"), Field("mfa_code")), http.RequestAborted);
        if (outcome.User is not { } user)
            return await PageAsync(http, antiforgery, userName, outcome);
        await SignInCookie.WriteAsync(http, user, slug, outcome.Factors!);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Redirect($"/connect/authorize{http.Request.QueryString}");

        string Field(string name) => form[name].ToString() is { Length: <= Longest } value ? value : "";
    }

    private static async Task<IResult> PageAsync(HttpContext http, IAntiforgery antiforgery, string userName, SignInOutcome? outcome)
    {
        if (await AppAsync(http) is not { } app)
            return BadApp.Result();
        var tokens = antiforgery.GetAndStoreTokens(http);
        return SignInPage.Write(http, (tokens.FormFieldName, tokens.RequestToken!), app, userName, outcome);
    }

    // What the page's policy must let the last redirect reach.
    private static async Task<string?> AppAsync(HttpContext http)
    {
        var clients = http.RequestServices.GetRequiredService<IOpenIddictApplicationManager>();
        var redirect = http.Request.Query["redirect_uri"].ToString();
        if (http.Request.Query["client_id"].ToString() is not { Length: > 0 } id || await clients.FindByClientIdAsync(id, http.RequestAborted) is not { } client
            || !await clients.ValidateRedirectUriAsync(client, redirect, http.RequestAborted))
            return null;
        var uri = new Uri(redirect);
        return uri.Scheme is "http" or "https" ? uri.GetLeftPart(UriPartial.Authority) : $"{uri.Scheme}:";
    }
}
