using System.Net;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(IdentityMesh))]
public sealed class ServiceTokenTests(IdentityMesh mesh)
{
    [Fact]
    public async Task A_service_gets_a_token_that_belongs_to_no_tenant()
    {
        var claims = Claims(await mesh.ServiceTokenAsync("tenant"));
        Assert.Equal("tarasol-internal", claims.GetProperty("aud").GetString());
        Assert.Equal("tenant", claims.GetProperty("sub").GetString());
        Assert.False(claims.TryGetProperty("tenant", out _));
        Assert.False(claims.TryGetProperty("perm", out _));
    }

    [Fact]
    public async Task A_wrong_client_secret_is_refused()
    {
        using var answer = await mesh.RequestTokenAsync("platform", ("grant_type", "client_credentials"), ("client_id", "tenant"), ("client_secret", "wrong"));
        Assert.Equal("invalid_client", await answer.TextAsync("error"));
    }

    [Fact]
    public async Task Services_are_known_to_the_platform_alone()
    {
        var tenant = await mesh.NewTenantAsync();
        using var answer = await mesh.RequestTokenAsync(
            tenant.Slug, ("grant_type", "client_credentials"), ("client_id", "tenant"), ("client_secret", mesh.ClientSecrets["tenant"]));
        Assert.Equal("invalid_client", await answer.TextAsync("error"));
    }

    [Fact]
    public async Task People_cannot_call_internal_routes_and_services_cannot_call_public_ones()
    {
        using var person = mesh.Client("identity", await mesh.OperatorTokenAsync());
        using var inside = await person.GetAsync(new Uri("internal/users/by-name/operator", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, inside.StatusCode);
        using var service = mesh.Client("identity", await mesh.ServiceTokenAsync("tenant"), "platform");
        using var outside = await service.GetAsync(new Uri("api/identity/users", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, outside.StatusCode);
    }

    [Fact]
    public async Task A_service_finds_a_person_by_name_whatever_its_case()
    {
        using var client = mesh.Client("identity", await mesh.ServiceTokenAsync("tenant"), "platform");
        using var found = await client.GetAsync(new Uri("internal/users/by-name/Operator", UriKind.Relative));
        await TestMesh.EnsureAsync(found);
        Assert.Equal("operator", await found.TextAsync("userName"));
        using var missing = await client.GetAsync(new Uri("internal/users/by-name/nobody", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }
}
