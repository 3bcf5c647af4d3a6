using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

/// <summary>Tokens that somebody made or changed. They start from a good one, signed with the real key where the attack needs it, so that only what is attacked is wrong.</summary>
[Collection(nameof(RevocationMesh))]
[Trait("Scale", "large")]
public sealed class TokenAttackTests(RevocationMesh mesh)
{
    public static TheoryData<string> Attacks =>
    [
        "alg none", "alg None with a signature", "signature stripped", "signature of another token", "HS256 with the public key", "RS512", "no kid", "unknown kid", "kid as a path",
        "own key in the header", "own key by address", "signed by another key", "foreign issuer", "no issuer", "foreign audience", "audience of services", "no audience",
        "expired", "no expiry", "not yet valid", "ID token type", "no type", "other subject",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task A_forged_token_is_refused(string attack)
    {
        var tenant = await mesh.NewTenantAsync();
        var good = await tenant.AdminTokenAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(Signed(good, _ => { }, _ => { })));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(Forge(attack, good)));
    }

    [Fact]
    public async Task A_users_token_does_not_open_an_internal_route_nor_a_services_token_a_public_one()
    {
        var tenant = await mesh.NewTenantAsync();
        using var user = mesh.Client("identity", await tenant.AdminTokenAsync());
        using var inside = await user.GetAsync(new Uri("internal/revocations", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, inside.StatusCode);
        using var service = mesh.Client("directory", await mesh.ServiceTokenAsync("tenant"), tenant.Slug);
        using var outside = await service.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, outside.StatusCode);
    }

    [Fact]
    public async Task An_unknown_name_costs_the_work_of_a_known_one()
    {
        var tenant = await mesh.NewTenantAsync();
        var unknown = await ChecksOfPasswordsAsync(tenant, "nobody");
        var known = await ChecksOfPasswordsAsync(tenant, tenant.AdminUserName);
        Assert.Equal((1, 1), (unknown, known));
    }

    // Which is nearly all that a refused sign-in costs.
    private async Task<int> ChecksOfPasswordsAsync(TestTenant tenant, string userName)
    {
        var before = mesh.ChecksOfPasswords;
        using var answer = await mesh.RequestTokenAsync(tenant.Slug, Password(userName, "not-the-password"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return mesh.ChecksOfPasswords - before;
    }

    private async Task<HttpStatusCode> AskAsync(string token)
    {
        using var client = mesh.Client("directory");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        return answer.StatusCode;
    }

    private string Forge(string attack, string good)
    {
        var parts = good.Split('.');
        return attack switch
        {
            "alg none" => $"{Part(Head(good, head => head["alg"] = "none"))}.{parts[1]}.",
            "alg None with a signature" => $"{Part(Head(good, head => head["alg"] = "None"))}.{parts[1]}.{parts[2]}",
            "signature stripped" => $"{parts[0]}.{parts[1]}.",
            "signature of another token" => $"{parts[0]}.{Part(Body(good, body => body["clearance"] = 2))}.{parts[2]}",
            "HS256 with the public key" => Hmac(good),
            "RS512" => Signed(good, head => head["alg"] = "RS512", _ => { }, HashAlgorithmName.SHA512),
            "no kid" => Signed(good, head => head.Remove("kid"), _ => { }),
            "unknown kid" => Signed(good, head => head["kid"] = "unknown", _ => { }),
            "kid as a path" => Signed(good, head => head["kid"] = "../../dev/null", _ => { }),
            "own key in the header" => WithOwnKey(good, (head, key) => head["jwk"] = PublicJwk(key)),
            "own key by address" => WithOwnKey(good, (head, _) => (head["jku"], head["kid"]) = ("https://evil.example.org/keys", "mine")),
            "signed by another key" => WithOwnKey(good, (_, _) => { }),
            "foreign issuer" => Signed(good, _ => { }, body => body["iss"] = "https://evil.example.org/"),
            "no issuer" => Signed(good, _ => { }, body => body.Remove("iss")),
            "foreign audience" => Signed(good, _ => { }, body => body["aud"] = "other"),
            "audience of services" => Signed(good, _ => { }, body => body["aud"] = "tarasol-internal"),
            "no audience" => Signed(good, _ => { }, body => body.Remove("aud")),
            "expired" => Signed(good, _ => { }, body => (body["exp"], body["iat"]) = (Now(-60), Now(-660))),
            "no expiry" => Signed(good, _ => { }, body => body.Remove("exp")),
            "not yet valid" => Signed(good, _ => { }, body => body["nbf"] = Now(300)),
            "ID token type" => Signed(good, head => head["typ"] = "JWT", _ => { }),
            "no type" => Signed(good, head => head.Remove("typ"), _ => { }),
            "other subject" => $"{parts[0]}.{Part(Body(good, body => body["sub"] = Guid.CreateVersion7().ToString()))}.{parts[2]}",
            _ => throw new ArgumentException(attack, nameof(attack)),
        };
    }

    private string Signed(string good, Action<JsonObject> head, Action<JsonObject> body, HashAlgorithmName? hash = null)
    {
        using var key = SigningKey();
        return Sign(key, Head(good, head), Body(good, body), hash ?? HashAlgorithmName.SHA256);
    }

    private static string WithOwnKey(string good, Action<JsonObject, RSA> head)
    {
        using var key = RSA.Create(2048);
        return Sign(key, Head(good, each => head(each, key)), Body(good, _ => { }), HashAlgorithmName.SHA256);
    }

    private string Hmac(string good)
    {
        using var key = SigningKey();
        var content = $"{Part(Head(good, head => head["alg"] = "HS256"))}.{good.Split('.')[1]}";
        var signature = HMACSHA256.HashData(Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(content));
        return $"{content}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }

    private RSA SigningKey()
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(JsonElement.Parse(File.ReadAllText(Path.Combine(mesh.Data, "secrets.json"))).GetProperty("identity-signing-key").GetString());
        return rsa;
    }

    private static JsonObject PublicJwk(RSA key)
    {
        var parameters = key.ExportParameters(false);
        return new() { ["kty"] = "RSA", ["n"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Modulus!), ["e"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Exponent!) };
    }

    private static string Sign(RSA key, JsonObject head, JsonObject body, HashAlgorithmName hash)
    {
        var content = $"{Part(head)}.{Part(body)}";
        return $"{content}.{System.Buffers.Text.Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(content), hash, RSASignaturePadding.Pkcs1))}";
    }

    private static JsonObject Head(string token, Action<JsonObject> change) => Changed(Header(token), change);

    private static JsonObject Body(string token, Action<JsonObject> change) => Changed(Claims(token), change);

    private static JsonObject Changed(JsonElement json, Action<JsonObject> change)
    {
        var changed = (JsonObject)JsonNode.Parse(json.GetRawText())!;
        change(changed);
        return changed;
    }

    private static string Part(JsonObject json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static long Now(int seconds) => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds;
}
