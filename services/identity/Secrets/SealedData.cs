using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Tarasol.Identity.Tokens;

namespace Tarasol.Identity.Secrets;

/// <summary>
/// Data protection with the secret <c>identity-encryption-key</c>: AES-256-GCM, a key derived for each purpose by HKDF. All instances of the service read what any of them
/// wrote, also after a restart, and no key lies on a disk.
/// </summary>
internal sealed class SealedData(TokenKeys keys) : IDataProtectionProvider
{
    public IDataProtector CreateProtector(string purpose) => new Protector(keys, $"tarasol\0{purpose}");

    private sealed class Protector(TokenKeys keys, string purposes) : IDataProtector
    {
        private const int NonceBytes = 12;
        private const int TagBytes = 16;

        public IDataProtector CreateProtector(string purpose) => new Protector(keys, $"{purposes}\0{purpose}");

        public byte[] Protect(byte[] plaintext)
        {
            var output = new byte[NonceBytes + plaintext.Length + TagBytes];
            RandomNumberGenerator.Fill(output.AsSpan(0, NonceBytes));
            using var cipher = new AesGcm(Derive(keys.Encryption.Key), TagBytes);
            cipher.Encrypt(output.AsSpan(0, NonceBytes), plaintext, output.AsSpan(NonceBytes, plaintext.Length), output.AsSpan(NonceBytes + plaintext.Length));
            return output;
        }

        public byte[] Unprotect(byte[] protectedData)
        {
            if (protectedData.Length < NonceBytes + TagBytes)
                throw new CryptographicException("This is nothing that was sealed here.");
            var plaintext = new byte[protectedData.Length - NonceBytes - TagBytes];
            foreach (var key in keys.Encryptions)
            {
                using var cipher = new AesGcm(Derive(key.Key), TagBytes);
                try
                {
                    cipher.Decrypt(protectedData.AsSpan(0, NonceBytes), protectedData.AsSpan(NonceBytes, plaintext.Length), protectedData.AsSpan(NonceBytes + plaintext.Length), plaintext);
                    return plaintext;
                }
                catch (AuthenticationTagMismatchException)
                {
                    // Perhaps sealed with an older key.
                }
            }
            throw new CryptographicException("This was sealed with no key that is known here, or changed since.");
        }

        private byte[] Derive(byte[] key) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.UTF8.GetBytes(purposes));
    }
}
