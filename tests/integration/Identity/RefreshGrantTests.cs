using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(IdentityMesh))]
public sealed class RefreshGrantTests(IdentityMesh mesh)
{
    [Fact]
    public async Task A_refresh_token_gives_a_new_pair_and_is_then_used_up()
    {
        var first = await RefreshTokenAsync(await mesh.RequestTokenAsync("platform", Password("operator", mesh.OperatorPassword)));
        using var answer = await mesh.RequestTokenAsync("platform", Refresh(first));
        await TestMesh.EnsureAsync(answer);
        var json = await answer.JsonAsync();
        var claims = Claims(json.GetProperty("access_token").GetString()!);
        Assert.Equal("operator", claims.GetProperty("preferred_username").GetString());
        Assert.Equal("platform", claims.GetProperty("tenant").GetString());
        Assert.NotEqual(first, json.GetProperty("refresh_token").GetString());
    }

    [Fact]
    public async Task A_refresh_token_that_comes_twice_ends_the_whole_family()
    {
        var first = await RefreshTokenAsync(await mesh.RequestTokenAsync("platform", Password("operator", mesh.OperatorPassword)));
        var second = await RefreshTokenAsync(await mesh.RequestTokenAsync("platform", Refresh(first)));
        using var reused = await mesh.RequestTokenAsync("platform", Refresh(first));
        Assert.Equal(HttpStatusCode.BadRequest, reused.StatusCode);
        Assert.Equal("invalid_grant", await reused.TextAsync("error"));
        using var descendant = await mesh.RequestTokenAsync("platform", Refresh(second));
        Assert.Equal("invalid_grant", await descendant.TextAsync("error"));
    }

    [Fact]
    public async Task Another_family_of_the_same_user_lives_on()
    {
        var first = await RefreshTokenAsync(await mesh.RequestTokenAsync("platform", Password("operator", mesh.OperatorPassword)));
        var other = await RefreshTokenAsync(await mesh.RequestTokenAsync("platform", Password("operator", mesh.OperatorPassword)));
        using var used = await mesh.RequestTokenAsync("platform", Refresh(first));
        using var reused = await mesh.RequestTokenAsync("platform", Refresh(first));
        Assert.Equal(HttpStatusCode.BadRequest, reused.StatusCode);
        using var answer = await mesh.RequestTokenAsync("platform", Refresh(other));
        await TestMesh.EnsureAsync(answer);
    }

    [Fact]
    public async Task A_refresh_token_is_worth_nothing_at_another_tenant()
    {
        var tenant = await mesh.NewTenantAsync();
        var token = await RefreshTokenAsync(await mesh.RequestTokenAsync("platform", Password("operator", mesh.OperatorPassword)));
        using var answer = await mesh.RequestTokenAsync(tenant.Slug, Refresh(token));
        Assert.Equal("invalid_grant", await answer.TextAsync("error"));
    }

    [Fact]
    public async Task A_made_up_refresh_token_is_refused()
    {
        using var answer = await mesh.RequestTokenAsync("platform", Refresh("made-up"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("invalid_grant", await answer.TextAsync("error"));
    }

    [Fact]
    public async Task A_session_outlives_a_restart_of_identity_and_the_pruning_of_tokens()
    {
        await using var own = new IdentityMesh();
        await own.InitializeAsync();
        var token = await RefreshTokenAsync(await own.RequestTokenAsync("platform", Password("operator", own.OperatorPassword)));
        await own.StopAsync("identity");
        await own.StartAsync("identity");
        var prune = own.Services("identity").GetServices<IHostedService>().OfType<Tarasol.Identity.Tokens.PruneTokens>().Single();
        await prune.PruneAsync("platform", TestContext.Current.CancellationToken);
        using var answer = await own.RequestTokenAsync("platform", Refresh(token));
        await TestMesh.EnsureAsync(answer);
    }

    private static async Task<string> RefreshTokenAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            await TestMesh.EnsureAsync(answer);
            return await answer.TextAsync("refresh_token");
        }
    }
}
