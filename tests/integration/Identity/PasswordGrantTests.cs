using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(IdentityMesh))]
public sealed class PasswordGrantTests(IdentityMesh mesh)
{
    [Fact]
    public async Task An_answer_holds_both_tokens_without_a_scope_being_asked_for()
    {
        using var answer = await mesh.RequestTokenAsync("platform", Password("operator", mesh.OperatorPassword));
        await TestMesh.EnsureAsync(answer);
        var json = await answer.JsonAsync();
        Assert.Equal("Bearer", json.GetProperty("token_type").GetString());
        Assert.InRange(json.GetProperty("expires_in").GetInt32(), 590, 600);
        Assert.False(string.IsNullOrEmpty(json.GetProperty("refresh_token").GetString()));

        var token = json.GetProperty("access_token").GetString()!;
        Assert.Equal("at+jwt", Header(token).GetProperty("typ").GetString());
        Assert.Equal("RS256", Header(token).GetProperty("alg").GetString());
        var claims = Claims(token);
        Assert.Equal($"{TestMesh.PublicUrl}/", claims.GetProperty("iss").GetString());
        Assert.Equal("tarasol", claims.GetProperty("aud").GetString());
        Assert.Equal("platform", claims.GetProperty("tenant").GetString());
        Assert.Equal("operator", claims.GetProperty("preferred_username").GetString());
        Assert.True(Guid.TryParse(claims.GetProperty("sub").GetString(), out _));
        Assert.Equal(["platform-operator"], claims.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Contains("tenant.tenant.create", claims.GetProperty("perm").EnumerateArray().Select(permission => permission.GetString()));
        Assert.Equal(JsonValueKind.Number, claims.GetProperty("clearance").ValueKind);
    }

    [Fact]
    public async Task Published_keys_verify_an_access_token()
    {
        using var client = mesh.Client("identity");
        var keys = new JsonWebKeySet(await client.GetStringAsync(new Uri(".well-known/jwks", UriKind.Relative)));
        var valid = await new JsonWebTokenHandler().ValidateTokenAsync(await mesh.OperatorTokenAsync(), new()
        {
            IssuerSigningKeys = keys.GetSigningKeys(),
            ValidIssuer = $"{TestMesh.PublicUrl}/",
            ValidAudience = "tarasol",
            ValidTypes = ["at+jwt"],
        });
        Assert.True(valid.IsValid, valid.Exception?.Message);
        Assert.DoesNotContain("\"d\"", await client.GetStringAsync(new Uri(".well-known/jwks", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_names_the_public_addresses()
    {
        using var client = mesh.Client("identity");
        var discovery = await client.GetFromJsonAsync<JsonElement>(".well-known/openid-configuration");
        Assert.Equal($"{TestMesh.PublicUrl}/", discovery.GetProperty("issuer").GetString());
        Assert.Equal($"{TestMesh.PublicUrl}/connect/token", discovery.GetProperty("token_endpoint").GetString());
        Assert.Equal($"{TestMesh.PublicUrl}/.well-known/jwks", discovery.GetProperty("jwks_uri").GetString());
    }

    [Fact]
    public async Task An_unknown_user_and_a_wrong_password_get_the_same_answer()
    {
        using var unknown = await mesh.RequestTokenAsync("platform", Password("nobody", "Wrong-Pass-1"));
        using var wrong = await mesh.RequestTokenAsync("platform", Password("operator", "Wrong-Pass-1"));
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal("invalid_grant", await unknown.TextAsync("error"));
        Assert.Equal(await unknown.Content.ReadAsStringAsync(), await wrong.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.BadRequest, "tenant-missing")]
    [InlineData("no-such-tenant", HttpStatusCode.NotFound, "tenant-unknown")]
    public async Task A_tenant_that_is_not_there_is_told(string? tenant, HttpStatusCode status, string code)
    {
        using var answer = await mesh.RequestTokenAsync(tenant, Password("operator", mesh.OperatorPassword));
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, await answer.TextAsync("code"));
    }

    [Theory]
    [InlineData("tarasol-web", "password", "invalid_client")]
    [InlineData("tarasol-cli", "urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type")]
    [InlineData("tarasol-cli", "client_credentials", "invalid_request")]
    [InlineData("identity", "password", "invalid_client")]
    public async Task A_client_may_use_its_own_grants_only(string client, string grant, string error)
    {
        using var answer = await mesh.RequestTokenAsync("platform", ("grant_type", grant), ("client_id", client), ("username", "operator"), ("password", mesh.OperatorPassword));
        Assert.InRange((int)answer.StatusCode, 400, 401);
        Assert.Equal(error, await answer.TextAsync("error"));
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_and_the_answer_does_not_tell()
    {
        var tenant = await mesh.NewTenantAsync();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var wrong = await mesh.RequestTokenAsync(tenant.Slug, Password("admin", "Wrong-Pass-1"));
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }
        using var right = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        Assert.Equal(HttpStatusCode.BadRequest, right.StatusCode);
        using var unknown = await mesh.RequestTokenAsync(tenant.Slug, Password("nobody", "Wrong-Pass-1"));
        Assert.Equal(await unknown.Content.ReadAsStringAsync(), await right.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Wrong_passwords_at_the_same_time_count_one_by_one()
    {
        var tenant = await mesh.NewTenantAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            using var wrong = await mesh.RequestTokenAsync(tenant.Slug, Password("admin", "Wrong-Pass-1"));
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }));
        using var right = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        Assert.Equal("invalid_grant", await right.TextAsync("error"));
    }

    [Fact]
    public async Task A_right_password_forgives_the_wrong_ones_before()
    {
        var tenant = await mesh.NewTenantAsync();
        for (var round = 0; round < 2; round++)
        {
            for (var attempt = 0; attempt < 4; attempt++)
            {
                using var wrong = await mesh.RequestTokenAsync(tenant.Slug, Password("admin", "Wrong-Pass-1"));
            }
            await tenant.AdminTokenAsync();
        }
    }

    [Fact]
    public async Task A_user_of_one_tenant_cannot_sign_in_at_another()
    {
        var mine = await mesh.NewTenantAsync();
        var other = await mesh.NewTenantAsync();
        await mine.NewUserAsync("huda", ["handler"]);
        using var answer = await mesh.RequestTokenAsync(other.Slug, Password("admin", mine.AdminPassword));
        Assert.Equal("invalid_grant", await answer.TextAsync("error"));
        using var absent = await mesh.RequestTokenAsync(other.Slug, Password("huda", mine.AdminPassword));
        Assert.Equal("invalid_grant", await absent.TextAsync("error"));
    }
}
