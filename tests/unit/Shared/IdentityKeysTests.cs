using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Tests.Unit.Shared;

public sealed class IdentityKeysTests : IDisposable
{
    private readonly RSA rsa = RSA.Create(2048);
    private readonly Clock clock = new();
    private readonly Identity identity = new();
    private readonly IdentityKeys keys;

    public IdentityKeysTests()
    {
        keys = new(identity, new(new("http://127.0.0.1:3500"), new("http://127.0.0.1:50001"), null, null), clock);
        identity.Publish(rsa, "a");
    }

    [Fact]
    public async Task A_flood_of_unknown_key_ids_asks_once_in_ten_seconds()
    {
        for (var token = 0; token < 500; token++)
            await keys.PrepareAsync(Token($"unknown-{token}"), default);
        Assert.Equal(1, identity.Asked);
        clock.Now += TimeSpan.FromSeconds(11);
        await keys.PrepareAsync(Token("unknown"), default);
        await keys.PrepareAsync(Token("unknown"), default);
        Assert.Equal(2, identity.Asked);
    }

    [Fact]
    public async Task A_new_key_is_found_when_its_id_comes_and_a_known_one_asks_nothing()
    {
        await keys.PrepareAsync(Token("a"), default);
        await keys.PrepareAsync(Token("a"), default);
        Assert.Equal(1, identity.Asked);
        clock.Now += TimeSpan.FromSeconds(11);
        identity.Publish(rsa, "b");
        await keys.PrepareAsync(Token("b"), default);
        Assert.Single(keys.Find("b"));
        Assert.Empty(keys.Find("a"));
        Assert.Empty(keys.Find(null));
    }

    [Fact]
    public async Task The_keys_of_before_stay_while_identity_is_away_and_without_any_it_is_said()
    {
        await keys.PrepareAsync(Token("a"), default);
        identity.Away = true;
        clock.Now += TimeSpan.FromMinutes(6);
        await keys.PrepareAsync(Token("a"), default);
        Assert.Single(keys.Find("a"));
        using var others = new IdentityKeys(identity, new(new("http://127.0.0.1:3500"), new("http://127.0.0.1:50001"), null, null), clock);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => others.PrepareAsync(Token("a"), default));
        Assert.Equal(503, problem.Details.Status);
    }

    [Fact]
    public async Task What_is_no_token_asks_nothing_more()
    {
        foreach (var text in new[] { "", "x", "a.b.c", "....", new string('x', 10_000) })
            await keys.PrepareAsync(text, default);
        Assert.Equal(1, identity.Asked);
    }

    public void Dispose()
    {
        rsa.Dispose();
        keys.Dispose();
        identity.Dispose();
    }

    private string Token(string kid) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor { SigningCredentials = new(new RsaSecurityKey(rsa) { KeyId = kid }, "RS256") });

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class Identity : HttpMessageHandler, IHttpClientFactory
    {
        private string published = "";

        public int Asked { get; private set; }

        public bool Away { get; set; }

        public void Publish(RSA key, string kid)
        {
            var parameters = key.ExportParameters(false);
            published = $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{kid}}","n":"{{Base64UrlEncoder.Encode(parameters.Modulus)}}","e":"{{Base64UrlEncoder.Encode(parameters.Exponent)}}"}]}""";
        }

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return Away
                ? throw new HttpRequestException("away")
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(published, Encoding.UTF8, "application/json") });
        }
    }
}
