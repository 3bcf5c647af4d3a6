using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Identity.Users;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

/// <summary>Identity, tenant and directory, where revoked tokens are shown to be refused by a service that never asks identity about them.</summary>
[CollectionDefinition(nameof(RevocationMesh))]
public sealed class RevocationMesh() : TestMesh("directory"), ICollectionFixture<RevocationMesh>
{
    private int checksOfPasswords;

    /// <summary>How often a password was compared with a hash, of the real kind and at its full cost.</summary>
    public int ChecksOfPasswords => Volatile.Read(ref checksOfPasswords);

    protected override void Configure(string appId, IServiceCollection services)
    {
        if (appId == "identity")
            services.AddScoped<IPasswordHasher<ApplicationUser>>(_ => new CountedHasher(this));
    }

    private sealed class CountedHasher(RevocationMesh mesh) : PasswordHasher<ApplicationUser>
    {
        public override PasswordVerificationResult VerifyHashedPassword(ApplicationUser user, string hashedPassword, string providedPassword)
        {
            Interlocked.Increment(ref mesh.checksOfPasswords);
            return base.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}

[Collection(nameof(RevocationMesh))]
[Trait("Scale", "large")]
public sealed class AccountLifeTests(RevocationMesh mesh)
{
    private const string Chosen = "Chosen-by-me-77";

    [Theory]
    [InlineData("Password1!")]
    [InlineData("P@ssw0rd123")]
    [InlineData("1234567890")]
    public async Task A_common_password_is_refused_by_its_field(string password)
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var answer = await admin.PostAsJsonAsync("api/identity/users", User("lina", password));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.JsonAsync()).GetProperty("errors").TryGetProperty("password", out _));
    }

    [Fact]
    public async Task Who_must_change_the_password_gets_no_token_before_it_is_changed()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var made = await admin.PostAsJsonAsync("api/identity/users", User("lina", "First-one-5522", mustChangePassword: true));
        await TestMesh.EnsureAsync(made);

        using var first = await mesh.RequestTokenAsync(tenant.Slug, Password("lina", "First-one-5522"));
        Assert.Equal(HttpStatusCode.BadRequest, first.StatusCode);
        Assert.Equal("password_change_required", await first.TextAsync("error"));
        using var same = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("lina", "First-one-5522"), ("new_password", "First-one-5522")]);
        Assert.Equal("password_refused", await same.TextAsync("error"));
        using var wrong = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("lina", "not-the-first-1"), ("new_password", Chosen)]);
        Assert.Equal("invalid_grant", await wrong.TextAsync("error"));
        using var changed = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("lina", "First-one-5522"), ("new_password", Chosen)]);
        await TestMesh.EnsureAsync(changed);
        await mesh.TokenAsync(tenant.Slug, "lina", Chosen);
    }

    [Fact]
    public async Task Changing_the_password_ends_the_other_sessions_and_not_this_one()
    {
        var tenant = await mesh.NewTenantAsync();
        using var other = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        using var here = await tenant.AdminAsync("identity");
        using var wrong = await here.PostAsJsonAsync("api/identity/me/password", new { currentPassword = "not-mine-at-all", newPassword = Chosen });
        Assert.True((await wrong.JsonAsync()).GetProperty("errors").TryGetProperty("currentPassword", out _));
        using var changed = await here.PostAsJsonAsync("api/identity/me/password", new { currentPassword = tenant.AdminPassword, newPassword = Chosen });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);

        using var refresh = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await other.TextAsync("refresh_token")));
        Assert.Equal("invalid_grant", await refresh.TextAsync("error"));
        await RefusedAsync("directory", await other.TextAsync("access_token"));
        using var me = await here.GetAsync(new Uri("api/identity/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, me.StatusCode);
        using var old = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        Assert.Equal("invalid_grant", await old.TextAsync("error"));
    }

    [Fact]
    public async Task A_disabled_account_is_refused_everywhere_at_once_and_works_again_when_enabled()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var id = await MakeAsync(admin, "huda", Chosen);
        using var signedIn = await mesh.RequestTokenAsync(tenant.Slug, Password("huda", Chosen));
        await WorksAsync("directory", await signedIn.TextAsync("access_token"));

        using var disabled = await admin.PostAsync(new Uri($"api/identity/users/{id}/disable", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.NoContent, disabled.StatusCode);
        await RefusedAsync("directory", await signedIn.TextAsync("access_token"));
        await RefusedAsync("identity", await signedIn.TextAsync("access_token"), "api/identity/users");
        using var refresh = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await signedIn.TextAsync("refresh_token")));
        Assert.Equal("invalid_grant", await refresh.TextAsync("error"));
        using var again = await mesh.RequestTokenAsync(tenant.Slug, Password("huda", Chosen));
        using var unknown = await mesh.RequestTokenAsync(tenant.Slug, Password("nobody", Chosen));
        Assert.Equal(await unknown.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());

        using var enabled = await admin.PostAsync(new Uri($"api/identity/users/{id}/enable", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.NoContent, enabled.StatusCode);
        await WorksAsync("directory", await mesh.TokenAsync(tenant.Slug, "huda", Chosen));
    }

    [Fact]
    public async Task A_removed_account_is_gone_and_its_name_stays_taken()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var id = await MakeAsync(admin, "huda", Chosen);
        var token = await mesh.TokenAsync(tenant.Slug, "huda", Chosen);
        using var removed = await admin.DeleteAsync(new Uri($"api/identity/users/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await RefusedAsync("directory", token);
        using var read = await admin.GetAsync(new Uri($"api/identity/users/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        using var again = await admin.PostAsJsonAsync("api/identity/users", User("huda", Chosen));
        Assert.Equal("user-name-taken", await again.TextAsync("code"));
    }

    [Fact]
    public async Task A_role_that_is_taken_away_is_gone_at_once_and_the_session_goes_on_without_it()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var id = await MakeAsync(admin, "huda", Chosen);
        using var signedIn = await mesh.RequestTokenAsync(tenant.Slug, Password("huda", Chosen));
        await WorksAsync("directory", await signedIn.TextAsync("access_token"));
        using var set = await admin.PutAsJsonAsync($"api/identity/users/{id}/roles", new { roles = Array.Empty<string>() });
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        await RefusedAsync("directory", await signedIn.TextAsync("access_token"));
        using var refreshed = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await signedIn.TextAsync("refresh_token")));
        await TestMesh.EnsureAsync(refreshed);
        using var client = mesh.Client("directory", await refreshed.TextAsync("access_token"));
        using var forbidden = await client.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
    }

    [Fact]
    public async Task A_lower_clearance_holds_at_once()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var (id, token) = await tenant.NewUserAsync("huda", ["handler"], clearance: 3);
        using var set = await admin.PutAsJsonAsync($"api/identity/users/{id}/clearance", new { clearance = 1 });
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        await RefusedAsync("directory", token);
    }

    [Fact]
    public async Task The_last_administrator_cannot_be_lost()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        using var me = await admin.GetAsync(new Uri("api/identity/me", UriKind.Relative));
        var id = await me.TextAsync("id");
        using var removed = await admin.DeleteAsync(new Uri($"api/identity/users/{id}", UriKind.Relative));
        Assert.Equal("last-administrator", await removed.TextAsync("code"));
        using var disabled = await admin.PostAsync(new Uri($"api/identity/users/{id}/disable", UriKind.Relative), null);
        Assert.Equal("last-administrator", await disabled.TextAsync("code"));
        using var set = await admin.PutAsJsonAsync($"api/identity/users/{id}/roles", new { roles = new[] { "handler" } });
        Assert.Equal("last-administrator", await set.TextAsync("code"));
    }

    [Fact]
    public async Task Accounts_are_managed_by_those_who_may_and_in_their_tenant_only()
    {
        var tenant = await mesh.NewTenantAsync();
        var other = await mesh.NewTenantAsync();
        var (id, clerk) = await tenant.NewUserAsync("clerk", ["registry-clerk"]);
        using var client = mesh.Client("identity", clerk);
        using var stranger = await other.AdminAsync("identity");
        foreach (var (method, path) in new[] { (HttpMethod.Post, "disable"), (HttpMethod.Post, "enable"), (HttpMethod.Delete, ""), (HttpMethod.Get, "sessions"), (HttpMethod.Delete, "sessions") })
        {
            var address = $"api/identity/users/{id}{(path.Length > 0 ? "/" : "")}{path}";
            using var forbidden = await client.SendAsync(new HttpRequestMessage(method, new Uri(address, UriKind.Relative)));
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
            using var unknown = await stranger.SendAsync(new HttpRequestMessage(method, new Uri(address, UriKind.Relative)));
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        }
    }

    [Fact]
    public async Task A_service_that_starts_knows_what_was_revoked_before()
    {
        await using var own = new RevocationMesh();
        await own.InitializeAsync();
        var tenant = await own.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var (id, token) = await tenant.NewUserAsync("huda", ["handler"]);
        using var removed = await admin.DeleteAsync(new Uri($"api/identity/users/{id}", UriKind.Relative));
        await TestMesh.EnsureAsync(removed);
        await TestMesh.EventuallyAsync("the revocation to be recorded", async () =>
        {
            using var client = own.Client("identity", await own.ServiceTokenAsync("directory"));
            return (await client.GetStringAsync(new Uri("internal/revocations", UriKind.Relative))).Contains(id.ToString(), StringComparison.Ordinal);
        });
        await own.StopAsync("directory");
        await own.StartAsync("directory");
        using var late = own.Client("directory", token);
        using var answer = await late.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static object User(string userName, string password, bool mustChangePassword = false) =>
        new { userName, password, displayNameAr = "موظف", displayNameEn = "Employee", roles = new[] { "handler" }, clearance = 0, mustChangePassword };

    private static async Task<Guid> MakeAsync(HttpClient admin, string userName, string password)
    {
        using var made = await admin.PostAsJsonAsync("api/identity/users", User(userName, password));
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }

    private async Task WorksAsync(string appId, string token)
    {
        using var client = mesh.Client(appId, token);
        using var answer = await client.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        await TestMesh.EnsureAsync(answer);
    }

    private Task RefusedAsync(string appId, string token, string path = "api/directory/units") => TestMesh.EventuallyAsync($"{appId} to refuse the token", async () =>
    {
        using var client = mesh.Client(appId, token);
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.Unauthorized;
    });
}
