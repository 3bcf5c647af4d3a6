using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

[Collection(nameof(IdentityMesh))]
public sealed class SecondFactorTests(IdentityMesh mesh)
{
    private const string Pass = "Only-for-huda-31";

    [Fact]
    public async Task A_role_that_needs_a_second_factor_leads_through_enrolment_at_the_token_endpoint()
    {
        var (tenant, admin) = await TenantAsync(mfa: true);
        using var first = await mesh.RequestTokenAsync(tenant.Slug, Password("huda", Pass));
        Assert.Equal(HttpStatusCode.BadRequest, first.StatusCode);
        var told = await first.JsonAsync();
        Assert.Equal("mfa_required", told.GetProperty("error").GetString());
        Assert.Equal("enrol", told.GetProperty("mfa_state").GetString());
        var secret = told.GetProperty("mfa_secret").GetString()!;
        Assert.StartsWith("otpauth://totp/", told.GetProperty("mfa_uri").GetString(), StringComparison.Ordinal);

        using var enrolled = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("huda", Pass), ("mfa_code", Code(secret))]);
        await TestMesh.EnsureAsync(enrolled);
        Assert.Equal(["otp", "pwd"], Claims(await enrolled.TextAsync("access_token")).GetProperty("amr").EnumerateArray().Select(each => each.GetString()));
        using var again = await mesh.RequestTokenAsync(tenant.Slug, Password("huda", Pass));
        Assert.Equal("code", await again.TextAsync("mfa_state"));
        Assert.False((await again.JsonAsync()).TryGetProperty("mfa_secret", out _));
        // The same code once more is a replay.
        using var replayed = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("huda", Pass), ("mfa_code", Code(secret))]);
        Assert.Equal("invalid_mfa_code", await replayed.TextAsync("error"));
        using var next = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("huda", Pass), ("mfa_code", Code(secret, 30))]);
        await TestMesh.EnsureAsync(next);
        using var wrong = await mesh.RequestTokenAsync(tenant.Slug, Password("huda", "not-her-password-1"));
        Assert.Equal("invalid_grant", await wrong.TextAsync("error"));
        admin.Dispose();
    }

    [Fact]
    public async Task Wrong_codes_lock_the_account_as_wrong_passwords_do()
    {
        var (tenant, admin) = await TenantAsync(mfa: true);
        admin.Dispose();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var wrong = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("huda", Pass), ("mfa_code", "000000")]);
            Assert.Equal("invalid_mfa_code", await wrong.TextAsync("error"));
        }
        using var locked = await mesh.RequestTokenAsync(tenant.Slug, Password("huda", Pass));
        Assert.Equal("invalid_grant", await locked.TextAsync("error"));
    }

    [Fact]
    public async Task A_recovery_code_is_good_once_and_an_admin_can_take_a_lost_factor_away()
    {
        var (tenant, admin) = await TenantAsync(mfa: false);
        using var hers = mesh.Client("identity", await mesh.TokenAsync(tenant.Slug, "huda", Pass));
        using var begun = await hers.PostAsJsonAsync("api/identity/me/mfa/totp", new { password = Pass });
        await TestMesh.EnsureAsync(begun);
        var secret = await begun.TextAsync("secret");
        using var wrong = await hers.PostAsJsonAsync("api/identity/me/mfa/totp/confirm", new { code = "000000" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var confirmed = await hers.PostAsJsonAsync("api/identity/me/mfa/totp/confirm", new { code = Code(secret) });
        await TestMesh.EnsureAsync(confirmed);
        var codes = (await confirmed.JsonAsync()).GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!).ToList();
        Assert.Equal(10, codes.Distinct().Count());
        Assert.Equal(10, (await hers.GetFromJsonAsync<JsonElement>("api/identity/me/mfa")).GetProperty("recoveryCodesLeft").GetInt32());

        using var recovered = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("huda", Pass), ("mfa_code", codes[0])]);
        await TestMesh.EnsureAsync(recovered);
        using var twice = await mesh.RequestTokenAsync(tenant.Slug, [.. Password("huda", Pass), ("mfa_code", codes[0])]);
        Assert.Equal("invalid_mfa_code", await twice.TextAsync("error"));

        var id = Claims(await recovered.TextAsync("access_token")).GetProperty("sub").GetString();
        using var removed = await admin.DeleteAsync(new Uri($"api/identity/users/{id}/mfa", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await mesh.TokenAsync(tenant.Slug, "huda", Pass);
        admin.Dispose();
    }

    private async Task<(TestTenant Tenant, HttpClient Admin)> TenantAsync(bool mfa)
    {
        var tenant = await mesh.NewTenantAsync();
        var admin = await tenant.AdminAsync("identity");
        using var required = await admin.PutAsJsonAsync("api/identity/roles/signatory/mfa", new { required = mfa });
        await TestMesh.EnsureAsync(required);
        using var made = await admin.PostAsJsonAsync(
            "api/identity/users", new { userName = "huda", password = Pass, displayNameAr = "هدى", displayNameEn = "Huda", roles = new[] { "signatory" }, clearance = 0 });
        await TestMesh.EnsureAsync(made);
        return (tenant, admin);
    }

    // An authenticator app, by RFC 6238.
    internal static string Code(string base32, int later = 0)
    {
        var bits = string.Concat(base32.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var secret = Enumerable.Range(0, bits.Length / 8).Select(index => Convert.ToByte(bits.Substring(index * 8, 8), 2)).ToArray();
        var counter = BitConverter.GetBytes((DateTimeOffset.UtcNow.ToUnixTimeSeconds() + later) / 30);
        Array.Reverse(counter);
#pragma warning disable CA5350 // As the apps have it.
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 15;
        var number = ((hash[offset] & 127) << 24) | (hash[offset + 1] << 16) | (hash[offset + 2] << 8) | hash[offset + 3];
        return (number % 1_000_000).ToString("D6", System.Globalization.CultureInfo.InvariantCulture);
    }
}
