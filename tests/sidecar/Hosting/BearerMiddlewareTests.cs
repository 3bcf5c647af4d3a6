using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>middleware.http.bearer before the sidecar's API: tokens of a real issuer, good ones and others.</summary>
public sealed class BearerMiddlewareTests : IAsyncLifetime
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _otherKey = RSA.Create(2048);
    private WebApplication _issuer = null!;

    private string Issuer => _issuer.Urls.First();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        var published = _key.ExportParameters(includePrivateParameters: false);
        _issuer.MapGet("/keys", () => Results.Json(new
        {
            keys = new[] { new { kty = "RSA", use = "sig", kid = "one", alg = "RS256", n = Base64UrlEncoder.Encode(published.Modulus), e = Base64UrlEncoder.Encode(published.Exponent) } },
        }));
        _issuer.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = Issuer, jwks_uri = $"{Issuer}/keys" }));
        await _issuer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _issuer.DisposeAsync();
        _key.Dispose();
        _otherKey.Dispose();
    }

    [Theory]
    [InlineData("issuer", "audience", false)]
    [InlineData("issuerURL", "clientID", true)]
    public async Task Only_a_token_of_the_issuer_for_the_audience_that_is_valid_now_is_let_in(string issuerKey, string audienceKey, bool keysByUrl)
    {
        await using var mesh = await MeshAsync([(issuerKey, Issuer), (audienceKey, "letters"), .. keysByUrl ? [("jwksURL", $"{Issuer}/keys")] : Array.Empty<(string, string)>()]);

        Assert.Equal(200, await AskAsync(mesh, $"Bearer {Token()}"));
        Assert.Equal(200, await AskAsync(mesh, $"bearer {Token(expires: DateTime.UtcNow.AddMinutes(-4))}"));
        Assert.Equal(401, await AskAsync(mesh, null));
        Assert.Equal(401, await AskAsync(mesh, $"Basic {Token()}"));
        Assert.Equal(401, await AskAsync(mesh, "Bearer short"));
        Assert.Equal(401, await AskAsync(mesh, "Bearer not.a.token.at.all"));
        Assert.Equal(401, await AskAsync(mesh, $"Bearer {Token(issuer: "https://elsewhere")}"));
        Assert.Equal(401, await AskAsync(mesh, $"Bearer {Token(audience: "others")}"));
        Assert.Equal(401, await AskAsync(mesh, $"Bearer {Token(expires: DateTime.UtcNow.AddMinutes(-6))}"));
        Assert.Equal(401, await AskAsync(mesh, $"Bearer {Token(key: _otherKey)}"));
        var parts = Token().Split('.');
        Assert.Equal(401, await AskAsync(mesh, $"Bearer {Base64UrlEncoder.Encode("""{"alg":"none"}""")}.{parts[1]}."));
    }

    [Fact]
    public async Task Metadata_or_an_issuer_that_cannot_be_used_stop_the_start()
    {
        await RefusedAsync("metadata property 'issuer' is required", ("audience", "letters"));
        await RefusedAsync("metadata property 'audience' is required", ("issuer", Issuer));
        await RefusedAsync("doesn't match the one provided in the component's metadata", ("issuer", $"{Issuer}/"), ("audience", "letters"));
        await RefusedAsync("component bearer", ("issuer", "http://127.0.0.1:1"), ("audience", "letters"));
    }

    private static async Task RefusedAsync(string problem, params (string, string)[] metadata) =>
        Assert.Contains(problem, (await Assert.ThrowsAnyAsync<Exception>(() => MeshAsync(metadata))).Message, StringComparison.Ordinal);

    private static Task<TestMesh> MeshAsync((string, string)[] metadata) => TestMesh.StartAsync(
        Yaml.Component("bearer", "middleware.http.bearer", metadata), [new TestApp("app")],
        Yaml.Configuration("httpPipeline: { handlers: [ { name: bearer, type: middleware.http.bearer } ] }"), healthy: false);

    private static async Task<int> AskAsync(TestMesh mesh, string? authorization) =>
        (await mesh.SendAsync("app", "GET", "/v1.0/metadata", null, "", authorization is null ? [] : [("authorization", authorization)])).Status;

    private string Token(string? issuer = null, string audience = "letters", DateTime? expires = null, RSA? key = null) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = issuer ?? Issuer,
        Audience = audience,
        NotBefore = DateTime.UtcNow.AddHours(-1),
        IssuedAt = DateTime.UtcNow.AddHours(-1),
        Expires = expires ?? DateTime.UtcNow.AddHours(1),
        SigningCredentials = new SigningCredentials(new RsaSecurityKey(key ?? _key) { KeyId = "one" }, SecurityAlgorithms.RsaSha256),
    });
}
