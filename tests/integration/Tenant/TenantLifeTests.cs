using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tenant;

/// <summary>Identity, tenant, two more services and the gateway.</summary>
[CollectionDefinition(nameof(LifeMesh))]
public sealed class LifeMesh() : TestMesh("directory", "audit", "gateway"), ICollectionFixture<LifeMesh>
{
    protected override (string Type, (string Name, string Value)[] Metadata) PubSub => ("pubsub.sqlite", [("connectionString", "pubsub.db")]);

    public HttpClient Outside(string host = "tarasol.test", string? token = null)
    {
        var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{Sidecar("gateway").AppPort}") };
        client.DefaultRequestHeaders.Host = host;
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}

[Collection(nameof(LifeMesh))]
[Trait("Scale", "large")]
public sealed class TenantLifeTests(LifeMesh mesh)
{
    private static readonly TimeSpan Everywhere = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_change_names_what_changes_and_the_version_that_it_changes()
    {
        var tenant = await mesh.NewTenantAsync();
        using var tenants = await OperatorAsync();
        using var before = await tenants.GetAsync(Of(tenant));
        var tag = before.Headers.ETag!;

        using var changed = await PatchAsync(tenants, tenant, new { nameEn = "Bureau", limits = new { users = 7, requestsPerMinute = 600 }, defaultLanguage = "en", calendar = "hijri" }, tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        using var after = await tenants.GetAsync(Of(tenant));
        var shown = await Answers.JsonAsync(after);
        Assert.Equal(("جهة", "Bureau", "en", "hijri"), (shown.Text("nameAr"), shown.Text("nameEn"), shown.Text("defaultLanguage"), shown.Text("calendar")));
        Assert.Equal(7, shown.GetProperty("limits").GetProperty("users").GetInt32());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("limits").GetProperty("storageBytes").ValueKind);
        Assert.NotEqual(tag, after.Headers.ETag);
        Assert.Equal(changed.Headers.ETag, after.Headers.ETag);

        using var late = await PatchAsync(tenants, tenant, new { nameEn = "Other" }, tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_is_told_field_by_field()
    {
        var tenant = await mesh.NewTenantAsync();
        using var tenants = await OperatorAsync();
        using var bad = await PatchAsync(tenants, tenant, new { slug = "other", nameEn = " ", hostNames = new[] { "http://x", "a.example.org", "A.example.org" }, limits = new { users = 0 }, calendar = "lunar" });
        Assert.Equal(["calendar", "limits.users", "slug"], await bad.BadFieldsAsync());
        using var hosts = await PatchAsync(tenants, tenant, new { nameEn = " ", hostNames = new[] { "http://x", "a.example.org", "A.example.org" } });
        Assert.Equal(["hostNames[0]", "hostNames[2]", "nameEn"], await hosts.BadFieldsAsync());
        using var missing = await tenants.PatchAsJsonAsync("api/tenant/tenants/nobody-here", new { nameEn = "X" });
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_host_name_belongs_to_one_tenant_and_leads_to_it_before_sign_in()
    {
        var (mine, other) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var tenants = await OperatorAsync();
        var host = $"{mine.Slug}.example.org";
        using var given = await PatchAsync(tenants, mine, new { hostNames = new[] { host.ToUpperInvariant() } });
        await TestMesh.EnsureAsync(given);
        using var taken = await PatchAsync(tenants, other, new { hostNames = new[] { host } });
        Assert.Equal("host-name-taken", (await Answers.JsonAsync(taken)).Text("code"));

        using var browser = mesh.Outside(host);
        await TestMesh.EventuallyAsync("sign-in by host name", async () =>
        {
            using var form = new FormUrlEncodedContent(TokenAnswers.Password(mine.AdminUserName, mine.AdminPassword).Select(field => KeyValuePair.Create(field.Name, field.Value)));
            using var answer = await browser.PostAsync(new Uri("connect/token", UriKind.Relative), form);
            return answer.StatusCode == HttpStatusCode.OK;
        });

        using var freed = await PatchAsync(tenants, mine, new { hostNames = Array.Empty<string>() });
        using var moved = await PatchAsync(tenants, other, new { hostNames = new[] { host } });
        await TestMesh.EnsureAsync(moved);
    }

    [Fact]
    public async Task A_page_at_a_tenants_host_name_may_ask_from_a_browser_and_no_other_page()
    {
        var tenant = await mesh.NewTenantAsync();
        using var tenants = await OperatorAsync();
        var host = $"{tenant.Slug}.example.org";
        using var given = await PatchAsync(tenants, tenant, new { hostNames = new[] { host } });
        await TestMesh.EnsureAsync(given);
        using var browser = mesh.Outside();
        await TestMesh.EventuallyAsync("the origin to be known", async () => await AllowedOriginAsync(browser, $"https://{host}") == $"https://{host}");
        foreach (var origin in new[]
                 {
                     $"https://{host}:8443", $"https://x.{host}", $"https://{host}.evil.org", $"https://evil-{host}", $"https://{host}/", $"https://user@{host}", "https://example.org", "null", "*",
                     $"ftp://{host}", "https://evil.org",
                 })
            Assert.Null(await AllowedOriginAsync(browser, origin));

        using var preflight = await PreflightAsync(browser, $"https://{host}");
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.Contains("Origin", preflight.Headers.Vary);
        var headers = string.Join(',', preflight.Headers.GetValues("Access-Control-Allow-Headers"));
        Assert.Contains("Idempotency-Key", headers, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("*", headers, StringComparison.Ordinal);

        using var asked = new HttpRequestMessage(HttpMethod.Get, "api/directory/units") { Headers = { { "Origin", $"https://{host}" } } };
        asked.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tenant.AdminTokenAsync());
        using var answer = await browser.SendAsync(asked);
        Assert.Equal((HttpStatusCode.OK, $"https://{host}"), (answer.StatusCode, answer.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.Contains("X-Correlation-Id", string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_the_gateway_itself_at_once()
    {
        var tenant = await mesh.NewTenantAsync();
        using var client = mesh.Outside(token: await tenant.AdminTokenAsync());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("api/directory/units", UriKind.Relative))).StatusCode);
        var clock = Stopwatch.StartNew();
        using var signedOut = await client.PostAsync(new Uri("api/identity/logout", UriKind.Relative), null);
        await TestMesh.EnsureAsync(signedOut);
        // A path that no service has: with a good token 404, so that nobody but the gateway can say 401.
        await TestMesh.EventuallyAsync("the gateway to refuse", async () =>
        {
            using var refused = await client.PostAsync(new Uri("api/directory/no-such-thing", UriKind.Relative), null);
            return refused.StatusCode == HttpStatusCode.Unauthorized && (await Answers.JsonAsync(refused)).Text("code") == "unauthenticated";
        });
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Everywhere);
    }

    [Fact]
    public async Task A_suspended_tenant_is_refused_everywhere_within_seconds_and_works_again_when_it_is_resumed()
    {
        var (tenant, untouched) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        var token = await tenant.AdminTokenAsync();
        using var tenants = await OperatorAsync();
        var calls = new (string AppId, string Path)[] { ("identity", "api/identity/me"), ("directory", "api/directory/units"), ("audit", "api/audit/events") };
        foreach (var (appId, path) in calls)
            Assert.Equal(HttpStatusCode.OK, (await CallAsync(appId, path, token)).StatusCode);

        using var suspended = await tenants.PostAsync(new Uri($"{Of(tenant)}/suspend", UriKind.Relative), null);
        Assert.Equal("suspended", (await Answers.JsonAsync(suspended)).Text("status"));
        var clock = Stopwatch.StartNew();
        foreach (var (appId, path) in calls)
            await TestMesh.EventuallyAsync($"{appId} to refuse", async () => (await CallAsync(appId, path, token)) is { StatusCode: HttpStatusCode.Forbidden, Code: "tenant-not-active" });
        using (var outside = mesh.Outside(token: token))
            Assert.Equal(HttpStatusCode.Forbidden, (await outside.GetAsync(new Uri("api/directory/units", UriKind.Relative))).StatusCode);
        using (var signIn = await mesh.RequestTokenAsync(tenant.Slug, TokenAnswers.Password(tenant.AdminUserName, tenant.AdminPassword)))
            Assert.Equal("tenant-not-active", await signIn.TextAsync("code"));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Everywhere);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync("directory", "api/directory/units", await untouched.AdminTokenAsync())).StatusCode);

        using var again = await tenants.PostAsync(new Uri($"{Of(tenant)}/suspend", UriKind.Relative), null);
        Assert.Equal(suspended.Headers.ETag, again.Headers.ETag);
        using var resumed = await tenants.PostAsync(new Uri($"{Of(tenant)}/resume", UriKind.Relative), null);
        Assert.Equal("active", (await Answers.JsonAsync(resumed)).Text("status"));
        foreach (var (appId, path) in calls)
            await TestMesh.EventuallyAsync($"{appId} to serve again", async () => (await CallAsync(appId, path, token)).StatusCode == HttpStatusCode.OK);
        await tenant.AdminTokenAsync();
    }

    [Fact]
    public async Task Events_that_were_under_way_wait_and_none_is_lost()
    {
        var tenant = await mesh.NewTenantAsync();
        using var tenants = await OperatorAsync();
        using var directory = await tenant.AdminAsync("directory");
        await mesh.StopAsync("audit");
        using var unit = await directory.PostAsJsonAsync("api/directory/units", new { code = "FIN", nameAr = "المالية", nameEn = "Finance" });
        await TestMesh.EnsureAsync(unit);
        await TestMesh.EventuallyAsync("the event to be with the broker", async () => await CountAsync(tenant, "directory", "select count(*) from outbox_message") == 0);
        using var suspended = await tenants.PostAsync(new Uri($"{Of(tenant)}/suspend", UriKind.Relative), null);
        await TestMesh.EnsureAsync(suspended);
        await mesh.StartAsync("audit");

        await TestMesh.EventuallyAsync("the event to be held", async () => await CountAsync(tenant, "audit", "select count(*) from held_event where type = 'directory.unit-created.v1'") == 1);
        Assert.Equal(0, await CountAsync(tenant, "audit", "select count(*) from audit_entry where type = 'directory.unit-created.v1'"));
        using var resumed = await tenants.PostAsync(new Uri($"{Of(tenant)}/resume", UriKind.Relative), null);
        await TestMesh.EnsureAsync(resumed);
        await TestMesh.EventuallyAsync("the event to be in the trail", async () => await CountAsync(tenant, "audit", "select count(*) from audit_entry where type = 'directory.unit-created.v1'") == 1);
        await TestMesh.EventuallyAsync("nothing to wait any more", async () => await CountAsync(tenant, "audit", "select count(*) from held_event") == 0);
        Assert.Equal(0, await CountAsync(tenant, "audit", "select count(*) from dead_letter"));
    }

    [Fact]
    public async Task The_platform_cannot_be_suspended_and_a_status_has_its_order()
    {
        var tenant = await mesh.NewTenantAsync();
        using var tenants = await OperatorAsync();
        foreach (var (path, status, code) in new[]
                 {
                     ("api/tenant/tenants/platform/suspend", HttpStatusCode.Conflict, "tenant-is-platform"),
                     ("api/tenant/tenants/nobody-here/suspend", HttpStatusCode.NotFound, "tenant-unknown"),
                 })
        {
            using var refused = await tenants.PostAsync(new Uri(path, UriKind.Relative), null);
            Assert.Equal((status, code), (refused.StatusCode, (await Answers.JsonAsync(refused)).Text("code")));
        }
        using var admin = await tenant.AdminAsync("tenant");
        using var forbidden = await admin.PostAsync(new Uri($"{Of(tenant)}/suspend", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
    }

    [Fact]
    public async Task No_more_users_than_the_limit_whoever_comes_at_once()
    {
        var tenant = await mesh.NewTenantAsync();
        using var tenants = await OperatorAsync();
        using var limited = await PatchAsync(tenants, tenant, new { limits = new { users = 4 } });
        await TestMesh.EnsureAsync(limited);
        using var identity = await tenant.AdminAsync("identity");
        await TestMesh.EventuallyAsync("identity to know the limit", async () =>
            (await mesh.Services("identity").GetRequiredService<ITenantCatalogue>().FindAsync(tenant.Slug, TestContext.Current.CancellationToken))?.Limits?.Users == 4);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => identity.PostAsJsonAsync("api/identity/users", new
        {
            userName = $"user{index}", password = "Korrekt-9-Pferd", displayNameAr = "موظف", displayNameEn = "Employee", roles = new[] { "handler" }, clearance = 0,
        })));
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal((HttpStatusCode.Conflict, "limit-reached"), (answer.StatusCode, (await Answers.JsonAsync(answer)).Text("code")));
        var users = await identity.GetFromJsonAsync<JsonElement>("api/identity/users");
        Assert.Equal(4, users.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task The_gateway_learns_how_much_a_tenant_may_ask_in_a_minute()
    {
        var (limited, free) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        using var tenants = await OperatorAsync();
        using var changed = await PatchAsync(tenants, limited, new { limits = new { requestsPerMinute = 5 } });
        await TestMesh.EnsureAsync(changed);
        using var client = mesh.Outside(token: await limited.AdminTokenAsync());
        HttpResponseMessage? refused = null;
        await TestMesh.EventuallyAsync("429", async () =>
        {
            refused = await client.GetAsync(new Uri("api/directory/units", UriKind.Relative));
            return refused.StatusCode == HttpStatusCode.TooManyRequests;
        });
        Assert.Equal("too-many-requests", (await Answers.JsonAsync(refused!)).Text("code"));
        Assert.Equal(TimeSpan.FromMinutes(1), refused!.Headers.RetryAfter!.Delta);
        Assert.Contains("\"tenant-minute\";q=5;w=60", refused.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
        using var other = mesh.Outside(token: await free.AdminTokenAsync());
        using var served = await other.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(HttpClient browser, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "api/directory/units");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,idempotency-key");
        return await browser.SendAsync(request);
    }

    private static async Task<string?> AllowedOriginAsync(HttpClient browser, string origin)
    {
        using var answer = await PreflightAsync(browser, origin);
        return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }

    private async Task<HttpClient> OperatorAsync() => mesh.Client("tenant", await mesh.OperatorTokenAsync());

    private async Task<(HttpStatusCode StatusCode, string? Code)> CallAsync(string appId, string path, string token)
    {
        using var client = mesh.Client(appId, token);
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, answer.IsSuccessStatusCode ? null : (await Answers.JsonAsync(answer)).Text("code"));
    }

    private static string Of(TestTenant tenant) => $"api/tenant/tenants/{tenant.Slug}";

    private static async Task<HttpResponseMessage> PatchAsync(HttpClient tenants, TestTenant tenant, object body, EntityTagHeaderValue? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, Of(tenant)) { Content = JsonContent.Create(body) };
        if (tag is not null)
            request.Headers.IfMatch.Add(tag);
        return await tenants.SendAsync(request);
    }

    private async Task<long> CountAsync(TestTenant tenant, string appId, string query)
    {
        await using var db = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", tenant.Slug, $"{appId}.db")}");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
        command.CommandText = query;
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
