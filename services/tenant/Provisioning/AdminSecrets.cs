using System.Security.Cryptography;
using System.Text;
using Dapr.Client;

namespace Tarasol.Tenants.Provisioning;

/// <summary>Keeps first passwords from being read in the database, or guessed from a digest in it. Both keys derive from the secret <c>client-tenant</c>.</summary>
internal sealed class AdminSecrets(DaprClient dapr)
{
    private const string SecretName = "client-tenant";
    private const int KeyBytes = 32;

    /// <summary>Encrypts (AES-256-GCM); the result opens for the same tenant only.</summary>
    public async Task<string> SealAsync(string slug, string password, CancellationToken cancel)
    {
        var clear = Encoding.UTF8.GetBytes(password);
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var sealedBytes = new byte[clear.Length];
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        using var aes = new AesGcm(await KeyAsync("admin password", cancel), tag.Length);
        aes.Encrypt(nonce, clear, sealedBytes, tag, Encoding.UTF8.GetBytes(slug));
        return Convert.ToBase64String([.. nonce, .. tag, .. sealedBytes]);
    }

    /// <summary>Decrypts. Throws <see cref="StepFailedException"/> when the secret was changed since.</summary>
    public async Task<string> OpenAsync(string slug, string sealedPassword, CancellationToken cancel)
    {
        var bytes = Convert.FromBase64String(sealedPassword);
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var clear = new byte[bytes.Length - nonce - tag];
        using var aes = new AesGcm(await KeyAsync("admin password", cancel), tag);
        try
        {
            aes.Decrypt(bytes.AsSpan(0, nonce), bytes.AsSpan(nonce + tag), bytes.AsSpan(nonce, tag), clear, Encoding.UTF8.GetBytes(slug));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new StepFailedException($"The first password cannot be opened: the secret {SecretName} was changed after the tenant was asked for. Bring the old one back until the tenant is active.");
        }
        return Encoding.UTF8.GetString(clear);
    }

    /// <summary>A keyed digest of a request.</summary>
    public async Task<string> PrintAsync(byte[] request, CancellationToken cancel) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(await KeyAsync("request print", cancel), request));

    private async Task<byte[]> KeyAsync(string use, CancellationToken cancel)
    {
        var secret = await dapr.GetSecretAsync("secretstore", SecretName, cancellationToken: cancel);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret[SecretName]), KeyBytes, info: Encoding.UTF8.GetBytes($"tarasol tenant {use}"));
    }
}
