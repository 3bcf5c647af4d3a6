using System.Net;
using System.Text.Json;
using System.Net.Http.Json;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(RevocationMesh))]
[Trait("Scale", "large")]
public sealed class SessionsTests(RevocationMesh mesh)
{
    [Fact]
    public async Task Ones_sessions_are_listed_and_one_of_them_can_be_ended()
    {
        var tenant = await mesh.NewTenantAsync();
        using var other = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        using var here = await tenant.AdminAsync("identity");
        var items = (await here.GetFromJsonAsync<JsonElement>("api/identity/sessions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, items.Count);
        Assert.All(items, item => Assert.Equal("tarasol-cli", item.GetProperty("client").GetString()));
        var ended = Assert.Single(items, item => !item.GetProperty("current").GetBoolean()).GetProperty("id").GetGuid();

        using var end = await here.DeleteAsync(new Uri($"api/identity/sessions/{ended}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, end.StatusCode);
        using var again = await here.DeleteAsync(new Uri($"api/identity/sessions/{ended}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        await RefusedAsync(await other.TextAsync("access_token"));
        using var refresh = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await other.TextAsync("refresh_token")));
        Assert.Equal("invalid_grant", await refresh.TextAsync("error"));
        Assert.Single((await here.GetFromJsonAsync<JsonElement>("api/identity/sessions")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Somebody_elses_session_cannot_be_ended_but_an_admin_can()
    {
        var tenant = await mesh.NewTenantAsync();
        var (id, token) = await tenant.NewUserAsync("huda", ["handler"]);
        var (_, clerk) = await tenant.NewUserAsync("clerk", ["registry-clerk"]);
        var session = Claims(token).GetProperty("sid").GetGuid();
        using var stranger = mesh.Client("identity", clerk);
        using var refused = await stranger.DeleteAsync(new Uri($"api/identity/sessions/{session}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        using var admin = await tenant.AdminAsync("identity");
        var list = await admin.GetFromJsonAsync<JsonElement>($"api/identity/users/{id}/sessions");
        Assert.Equal(session, Assert.Single(list.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid());
        using var ended = await admin.DeleteAsync(new Uri($"api/identity/users/{id}/sessions/{session}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        await RefusedAsync(token);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_of_the_token()
    {
        var tenant = await mesh.NewTenantAsync();
        using var signedIn = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        using var client = mesh.Client("identity", await signedIn.TextAsync("access_token"));
        using var logout = await client.PostAsync(new Uri("api/identity/logout", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        await RefusedAsync(await signedIn.TextAsync("access_token"));
        using var refresh = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await signedIn.TextAsync("refresh_token")));
        Assert.Equal("invalid_grant", await refresh.TextAsync("error"));
    }

    [Theory]
    [InlineData("refresh_token")]
    [InlineData("access_token")]
    public async Task A_token_that_is_given_back_ends_its_session(string which)
    {
        var tenant = await mesh.NewTenantAsync();
        using var signedIn = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        using var client = mesh.Client("identity", tenant: tenant.Slug);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("client_id", "tarasol-cli"), KeyValuePair.Create("token", await signedIn.TextAsync(which))]);
        using var revoked = await client.PostAsync(new Uri("connect/revocation", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        await RefusedAsync(await signedIn.TextAsync("access_token"));
        using var refresh = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await signedIn.TextAsync("refresh_token")));
        Assert.Equal("invalid_grant", await refresh.TextAsync("error"));
    }

    [Fact]
    public async Task A_refresh_token_that_comes_twice_ends_the_access_tokens_of_its_family_too()
    {
        var tenant = await mesh.NewTenantAsync();
        using var first = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        using var second = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await first.TextAsync("refresh_token")));
        await TestMesh.EnsureAsync(second);
        using var reused = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await first.TextAsync("refresh_token")));
        Assert.Equal("invalid_grant", await reused.TextAsync("error"));
        await RefusedAsync(await second.TextAsync("access_token"));
    }

    private Task RefusedAsync(string token) => TestMesh.EventuallyAsync("directory to refuse the token", async () =>
    {
        using var client = mesh.Client("directory", token);
        using var answer = await client.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.Unauthorized;
    });
}
