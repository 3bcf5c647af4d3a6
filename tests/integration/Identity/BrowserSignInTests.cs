using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(IdentityMesh))]
public sealed partial class BrowserSignInTests(IdentityMesh mesh)
{
    private const string Redirect = "https://app.example.org/signed-in";
    private static readonly string Verifier = new('v', 64);
    private static readonly string Challenge = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    [Fact]
    public async Task A_person_signs_in_at_the_page_and_the_app_gets_tokens_for_the_code()
    {
        var tenant = await TenantWithAppAsync();
        using var browser = new Browser(mesh);
        var page = await browser.SignInPageAsync(tenant.Slug, Question(tenant.Slug));
        var app = await browser.SubmitAsync(page, tenant.AdminUserName, tenant.AdminPassword);
        Assert.StartsWith(Redirect, app, StringComparison.Ordinal);
        var answer = System.Web.HttpUtility.ParseQueryString(new Uri(app).Query);
        Assert.Equal("xyz", answer["state"]);
        Assert.Equal($"{TestMesh.PublicUrl}/", answer["iss"]);

        using var tokens = await CodeAsync(tenant.Slug, answer["code"]!, Verifier);
        await TestMesh.EnsureAsync(tokens);
        var claims = Claims(await tokens.TextAsync("access_token"));
        Assert.Equal(tenant.Slug, claims.GetProperty("tenant").GetString());
        Assert.True((await tokens.JsonAsync()).TryGetProperty("id_token", out _));
        using var refreshed = await mesh.RequestTokenAsync(tenant.Slug, ("grant_type", "refresh_token"), ("client_id", "web"), ("refresh_token", await tokens.TextAsync("refresh_token")));
        await TestMesh.EnsureAsync(refreshed);

        // Once used up, a code ends what came of it.
        using var replayed = await CodeAsync(tenant.Slug, answer["code"]!, Verifier);
        Assert.Equal("invalid_grant", await replayed.TextAsync("error"));
        using var ended = await mesh.RequestTokenAsync(tenant.Slug, ("grant_type", "refresh_token"), ("client_id", "web"), ("refresh_token", await refreshed.TextAsync("refresh_token")));
        Assert.Equal("invalid_grant", await ended.TextAsync("error"));
    }

    [Fact]
    public async Task The_cookie_signs_in_a_second_time_without_a_password_and_is_gone_after_signing_out()
    {
        var tenant = await TenantWithAppAsync();
        using var browser = new Browser(mesh);
        await browser.SubmitAsync(await browser.SignInPageAsync(tenant.Slug, Question(tenant.Slug)), tenant.AdminUserName, tenant.AdminPassword);
        Assert.All(browser.SetCookies, cookie =>
        {
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Matches("samesite=(lax|strict)", cookie.ToLowerInvariant());
        });
        Assert.StartsWith(Redirect, await browser.LocationAsync($"connect/authorize?{Question(tenant.Slug)}"), StringComparison.Ordinal);
        var other = await TenantWithAppAsync();
        Assert.StartsWith("/connect/login?", await browser.LocationAsync($"connect/authorize?{Question(other.Slug)}"), StringComparison.Ordinal);
        await browser.GetAsync($"connect/logout?tenant={tenant.Slug}");
        Assert.StartsWith("/connect/login?", await browser.LocationAsync($"connect/authorize?{Question(tenant.Slug)}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&code_challenge=&code_challenge_method=", "invalid_request")]
    [InlineData("&code_challenge_method=plain", "invalid_request")]
    public async Task Without_PKCE_by_S256_there_is_no_code(string change, string error)
    {
        var tenant = await TenantWithAppAsync();
        using var browser = new Browser(mesh);
        var question = Regex.Replace(Question(tenant.Slug), change.Contains("challenge=&", StringComparison.Ordinal) ? "&code_challenge.*" : "&code_challenge_method=S256", change.Contains("plain", StringComparison.Ordinal) ? change : "");
        var answer = await browser.GetAsync($"connect/authorize?{question}");
        Assert.Contains(error, answer.Headers.Location?.ToString() ?? await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_with_another_verifier_or_none_is_worth_nothing()
    {
        var tenant = await TenantWithAppAsync();
        foreach (var verifier in new[] { "", new string('w', 64) })
        {
            using var browser = new Browser(mesh);
            var app = await browser.SubmitAsync(await browser.SignInPageAsync(tenant.Slug, Question(tenant.Slug)), tenant.AdminUserName, tenant.AdminPassword);
            using var refused = await CodeAsync(tenant.Slug, System.Web.HttpUtility.ParseQueryString(new Uri(app).Query)["code"]!, verifier);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Theory]
    [InlineData("https://evil.example.org/signed-in")]
    [InlineData("https://app.example.org/signed-in/more")]
    [InlineData("https://app.example.org/signed-in?x=1")]
    [InlineData("https://app.example.org.evil.example.org/signed-in")]
    [InlineData("http://app.example.org/signed-in")]
    [InlineData("//evil.example.org")]
    public async Task Nobody_is_led_to_an_address_that_is_not_exactly_registered(string address)
    {
        var tenant = await TenantWithAppAsync();
        using var browser = new Browser(mesh);
        var question = Question(tenant.Slug).Replace(Uri.EscapeDataString(Redirect), Uri.EscapeDataString(address), StringComparison.Ordinal);
        foreach (var path in new[] { "connect/authorize", "connect/login" })
        {
            var answer = await browser.GetAsync($"{path}?{question}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Null(answer.Headers.Location);
        }
        var logout = await browser.GetAsync($"connect/logout?tenant={tenant.Slug}&client_id=web&post_logout_redirect_uri={Uri.EscapeDataString(address)}");
        Assert.Null(logout.Headers.Location);
    }

    [Fact]
    public async Task The_page_has_a_strict_policy_no_script_and_a_form_that_cannot_be_sent_from_elsewhere()
    {
        var tenant = await TenantWithAppAsync();
        using var browser = new Browser(mesh);
        var answer = await browser.GetAsync($"connect/login?{Question(tenant.Slug)}&state=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "ar");
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("dir=\"rtl\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self' https://app.example.org;", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);

        using var elsewhere = new Browser(mesh);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("username", "admin"), KeyValuePair.Create("password", tenant.AdminPassword)]);
        var forged = await elsewhere.PostAsync($"connect/login?{Question(tenant.Slug)}", form);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Equal("sign-in-form-expired", await forged.TextAsync("code"));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("http://app.example.org/x")]
    [InlineData("https://app.example.org/x#y")]
    [InlineData("https://user@app.example.org/x")]
    [InlineData("https://*.example.org/x")]
    [InlineData("/relative")]
    public async Task An_app_cannot_be_registered_with_a_dangerous_address(string address)
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var answer = await admin.PostAsJsonAsync("api/identity/clients", new { clientId = "bad", displayName = "Bad", redirectUris = new[] { address } });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.JsonAsync()).GetProperty("errors").TryGetProperty("redirectUris[0]", out _));
    }

    private static string Question(string tenant) =>
        $"tenant={tenant}&client_id=web&response_type=code&scope=openid%20offline_access&state=xyz&redirect_uri={Uri.EscapeDataString(Redirect)}&code_challenge={Challenge}&code_challenge_method=S256";

    private async Task<TestTenant> TenantWithAppAsync()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var made = await admin.PostAsJsonAsync(
            "api/identity/clients", new { clientId = "web", displayName = "Web", redirectUris = new[] { Redirect }, postLogoutRedirectUris = new[] { "https://app.example.org/bye" } });
        await TestMesh.EnsureAsync(made);
        return tenant;
    }

    private Task<HttpResponseMessage> CodeAsync(string tenant, string code, string verifier) => mesh.RequestTokenAsync(
        tenant, ("grant_type", "authorization_code"), ("client_id", "web"), ("code", code), ("redirect_uri", Redirect), ("code_verifier", verifier));

    /// <summary>Keeps cookies and follows no redirect by itself.</summary>
    private sealed partial class Browser(TestMesh mesh) : IDisposable
    {
        private readonly Dictionary<string, string> cookies = [];
        private readonly List<HttpResponseMessage> answers = [];

        public List<string> SetCookies { get; } = [];

        public Task<HttpResponseMessage> GetAsync(string path, string language = "en") => SendAsync(HttpMethod.Get, path, null, language);

        public Task<HttpResponseMessage> PostAsync(string path, HttpContent form) => SendAsync(HttpMethod.Post, path, form, "en");

        public async Task<string> LocationAsync(string path) => (await GetAsync(path)).Headers.Location?.ToString() ?? "";

        /// <summary>From the app's question to the form.</summary>
        public async Task<string> SignInPageAsync(string tenant, string question)
        {
            var login = await LocationAsync($"connect/authorize?{question}");
            Assert.StartsWith("/connect/login?", login, StringComparison.Ordinal);
            Assert.Contains($"tenant={tenant}", login, StringComparison.Ordinal);
            return await (await GetAsync(login[1..])).Content.ReadAsStringAsync();
        }

        /// <summary>Fills the form and goes where it leads, until the app.</summary>
        public async Task<string> SubmitAsync(string page, string userName, string password)
        {
            var action = WebUtility.HtmlDecode(Action().Match(page).Groups["to"].Value);
            using var form = new FormUrlEncodedContent(
                [KeyValuePair.Create("form", WebUtility.HtmlDecode(Hidden().Match(page).Groups["value"].Value)), KeyValuePair.Create("username", userName), KeyValuePair.Create("password", password)]);
            var answer = await PostAsync(action[1..], form);
            Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
            return await LocationAsync(answer.Headers.Location!.ToString()[1..]);
        }

        public void Dispose() => answers.ForEach(answer => answer.Dispose());

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, string language)
        {
            using var client = mesh.Client("identity");
            using var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
            using var raw = new HttpClient(handler);
            using var request = new HttpRequestMessage(method, new Uri(client.BaseAddress!, path)) { Content = content };
            request.Headers.Add("dapr-api-token", client.DefaultRequestHeaders.GetValues("dapr-api-token"));
            request.Headers.Add("Accept-Language", language);
            if (cookies.Count > 0)
                request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            var answer = await raw.SendAsync(request);
            await answer.Content.LoadIntoBufferAsync();
            answers.Add(answer);
            foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var all) ? all : [])
            {
                SetCookies.Add(set);
                var pair = set.Split(';')[0].Split('=', 2);
                cookies[pair[0]] = pair[1];
            }
            return answer;
        }

        [GeneratedRegex("action=\"(?<to>[^\"]*)\"")]
        private static partial Regex Action();

        [GeneratedRegex("name=\"form\" value=\"(?<value>[^\"]*)\"")]
        private static partial Regex Hidden();
    }
}
