using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Identity.Tokens;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

[Trait("Scale", "large")]
public sealed class KeyRotationTests
{
    [Fact]
    public async Task A_new_key_signs_without_a_restart_while_tokens_of_the_old_one_stay_good_until_it_is_taken_away()
    {
        await using var mesh = new RevocationMesh();
        await mesh.InitializeAsync();
        var tenant = await mesh.NewTenantAsync();
        using var before = await mesh.RequestTokenAsync(tenant.Slug, Password(tenant.AdminUserName, tenant.AdminPassword));
        var old = await before.TextAsync("access_token");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(mesh, old));

        using var rsa = RSA.Create(3072);
        Write(mesh, secrets => (secrets["identity-signing-keys"], secrets["identity-signing-key-b"]) = ("b,default", rsa.ExportPkcs8PrivateKeyPem()));
        await ReadAsync(mesh);
        var token = await tenant.AdminTokenAsync();
        Assert.Equal("b", Header(token).GetProperty("kid").GetString());
        // The service sees this key for the first time.
        await TestMesh.EventuallyAsync("the new key to be known", async () => await AskAsync(mesh, token) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(mesh, old));
        using var refreshed = await mesh.RequestTokenAsync(tenant.Slug, Refresh(await before.TextAsync("refresh_token")));
        await TestMesh.EnsureAsync(refreshed);

        Write(mesh, secrets => secrets["identity-signing-keys"] = "b");
        await ReadAsync(mesh);
        using var client = mesh.Client("identity");
        var keys = await client.GetStringAsync(new Uri(".well-known/jwks", UriKind.Relative));
        Assert.Contains("\"b\"", keys, StringComparison.Ordinal);
        Assert.DoesNotContain(Header(old).GetProperty("kid").GetString()!, keys, StringComparison.Ordinal);
    }

    private static void Write(TestMesh mesh, Action<JsonObject> change)
    {
        var file = Path.Combine(mesh.Data, "secrets.json");
        var secrets = (JsonObject)JsonNode.Parse(File.ReadAllText(file))!;
        change(secrets);
        File.WriteAllText(file + ".new", secrets.ToJsonString());
        File.Move(file + ".new", file, overwrite: true);
    }

    private static Task ReadAsync(TestMesh mesh) => TestMesh.EventuallyAsync("the keys to be read again", () => mesh.Services("identity").GetRequiredService<TokenKeys>().ReadAsync(CancellationToken.None));

    private static async Task<HttpStatusCode> AskAsync(TestMesh mesh, string token)
    {
        using var client = mesh.Client("directory", token);
        using var answer = await client.GetAsync(new Uri("api/directory/units", UriKind.Relative));
        return answer.StatusCode;
    }
}
