using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Tarasol.Identity.Mfa;
using Tarasol.Identity.Tokens;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Browser;

/// <summary>The page itself: no script, one style by nonce, and forms that lead nowhere but here and to the app that asked.</summary>
internal static class SignInPage
{
    private static readonly Text Title = new("Sign in to Tarasol", "الدخول إلى تراسل");
    private static readonly Text UserName = new("User name", "اسم المستخدم");
    private static readonly Text Password = new("Password", "كلمة المرور");
    private static readonly Text NewPassword = new("New password", "كلمة المرور الجديدة");
    private static readonly Text Code = new("Code of your authenticator app, or a recovery code", "رمز تطبيق المصادقة أو رمز استرداد");
    private static readonly Text Enter = new("Sign in", "دخول");
    private static readonly Text Secret = new("Your role needs a second factor. Put this key into an authenticator app:", "دورك يتطلب عاملا ثانيا. أدخل هذا المفتاح في تطبيق المصادقة:");

    private static readonly Dictionary<string, Text> Messages = new()
    {
        [SignInOutcome.InvalidGrant] = new("The user name or the password is wrong, or the account is locked for a while.", "اسم المستخدم أو كلمة المرور غير صحيحة، أو الحساب مقفل مؤقتا."),
        [SignInOutcome.PasswordChangeRequired] = new("Choose a new password.", "اختر كلمة مرور جديدة."),
        [SignInOutcome.PasswordRefused] = new("Choose another new password: at least 8 characters, and none that is guessed first.", "اختر كلمة مرور جديدة أخرى: 8 أحرف على الأقل وليست مما يُخمَّن أولا."),
        [SignInOutcome.MfaRequired] = new("Enter the code of your authenticator app.", "أدخل رمز تطبيق المصادقة."),
        [SignInOutcome.InvalidMfaCode] = new("The code is wrong or was used before.", "الرمز غير صحيح أو سبق استخدامه."),
    };

    /// <summary>Writes the page.</summary>
    /// <param name="http">The request; its query is the question of the app, which the form keeps.</param>
    /// <param name="antiforgery">Name and value of the hidden field.</param>
    /// <param name="app">Where the app is: scheme, or origin.</param>
    /// <param name="userName">What was typed before.</param>
    /// <param name="outcome">Why nobody is signed in yet; null on the first visit.</param>
    public static IResult Write(HttpContext http, (string Name, string Value) antiforgery, string app, string userName, SignInOutcome? outcome)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self' {app}; base-uri 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        var arabic = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ar";
        var more = outcome?.Error switch
        {
            SignInOutcome.MfaRequired or SignInOutcome.InvalidMfaCode => Enrolment(outcome.Enrolment) + Field(Code, "mfa_code", "text", "one-time-code"),
            SignInOutcome.PasswordChangeRequired or SignInOutcome.PasswordRefused => Field(NewPassword, "new_password", "password", "new-password"),
            _ => "",
        };
        var html = $$"""
            <!doctype html>
            <html lang="{{(arabic ? "ar" : "en")}}" dir="{{(arabic ? "rtl" : "ltr")}}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Html(Title.ToString())}}</title>
            <style nonce="{{nonce}}">
            body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: #f3f4f6; color: #1f2933 }
            main { max-width: 22rem; margin: 12vh auto 0; padding: 2rem; background: #fff; border-radius: .5rem }
            label { display: block; margin: 1rem 0 .25rem }
            input { box-sizing: border-box; width: 100%; padding: .6rem; border: 1px solid #9aa5b1; border-radius: .3rem; font: inherit }
            button { width: 100%; margin-top: 1.5rem; padding: .7rem; border: 0; border-radius: .3rem; background: #0b6b53; color: #fff; font: inherit }
            code { overflow-wrap: anywhere }
            [role=alert] { color: #9b1c1c }
            </style>
            </head>
            <body>
            <main>
            <h1>{{Html(Title.ToString())}}</h1>
            {{(outcome?.Error is { } error ? $"<p role=\"alert\">{Html(Messages[error].ToString())}</p>" : "")}}
            <form method="post" action="/connect/login{{Html(http.Request.QueryString.ToString())}}">
            <input type="hidden" name="{{Html(antiforgery.Name)}}" value="{{Html(antiforgery.Value)}}">
            {{Field(UserName, "username", "text", "username", userName)}}
            {{Field(Password, "password", "password", "current-password")}}
            {{more}}
            <button>{{Html(Enter.ToString())}}</button>
            </form>
            </main>
            </body>
            </html>
            """;
        return Results.Content(html, "text/html; charset=utf-8", statusCode: outcome is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static string Field(Text label, string name, string type, string autocomplete, string value = "") =>
        $"<label for=\"{name}\">{Html(label.ToString())}</label>\n<input id=\"{name}\" name=\"{name}\" type=\"{type}\" autocomplete=\"{autocomplete}\" value=\"{Html(value)}\" maxlength=\"200\" required>";

    private static string Enrolment(Enrolment? enrolment) =>
        enrolment is null ? "" : $"<p>{Html(Secret.ToString())} <code>{Html(enrolment.Secret)}</code> <a href=\"{Html(enrolment.Uri)}\">otpauth</a></p>";

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
