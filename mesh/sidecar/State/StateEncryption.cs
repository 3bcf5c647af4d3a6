using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tarasol.Sidecar.Components;

namespace Tarasol.Sidecar.State;

/// <summary>
/// What a state component's primaryEncryptionKey asks for: values leave the host only encrypted, as base64(nonce, AES-GCM of the value, tag), the separator and the name of the secret that
/// the key is in. secondaryEncryptionKey still opens what an earlier key closed. Keys, etags and the state of actors and workflows are not encrypted, as in daprd.
/// </summary>
internal sealed class StateEncryption
{
    /// <summary>Metadata keys of every state component.</summary>
    public static readonly IReadOnlyList<string> MetadataKeys = [Primary, Secondary];

    private const string Primary = "primaryEncryptionKey";
    private const string Secondary = "secondaryEncryptionKey";
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly string _store;
    private readonly (string Name, byte[] Key) _primary;
    private readonly (string Name, byte[] Key)? _secondary;

    private StateEncryption(string store, (string, byte[]) primary, (string, byte[])? secondary) => (_store, _primary, _secondary) = (store, primary, secondary);

    /// <param name="spec">The component, its secrets resolved.</param>
    /// <param name="secretOf">The secret that a metadata key is taken from; null when its value is written in the file.</param>
    /// <returns>Null when nothing is to be encrypted. Throws <see cref="ComponentException"/>.</returns>
    public static StateEncryption? Of(ComponentSpec spec, Func<string, string?> secretOf)
    {
        var (primary, secondary) = (Key(spec, Primary, secretOf), Key(spec, Secondary, secretOf));
        if (primary is null && secondary is not null)
            throw new ComponentException(spec, $"{Secondary} needs {Primary}, which is missing");
        return primary is { } key ? new StateEncryption(spec.Name, key, secondary) : null;
    }

    public SetState Encrypt(SetState set)
    {
        var plain = set.IsText ? Text(set.Value) : set.Value;
        var sealedValue = new byte[NonceSize + plain.Length + TagSize];
        var nonce = sealedValue.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_primary.Key, TagSize);
        aes.Encrypt(nonce, plain.Span, sealedValue.AsSpan(NonceSize, plain.Length), sealedValue.AsSpan(NonceSize + plain.Length));
        return set with { Value = Encoding.UTF8.GetBytes($"{Convert.ToBase64String(sealedValue)}{KeyPrefix.Separator}{_primary.Name}"), IsText = false };
    }

    /// <summary>An item whose value cannot be read says so in <see cref="StateItem.Error"/>.</summary>
    public StateItem Decrypt(StateItem item)
    {
        try
        {
            return item.Value.IsEmpty ? item : item with { Value = Decrypt(Encoding.UTF8.GetString(item.Value.Span)) };
        }
        catch (Exception wrong) when (wrong is CryptographicException or FormatException)
        {
            return item with { Value = default, Error = $"could not decrypt data for state store {_store}: {wrong.Message}" };
        }
    }

    private byte[] Decrypt(string value)
    {
        var at = value.LastIndexOf(KeyPrefix.Separator, StringComparison.Ordinal);
        var name = at < 0 ? "" : value[(at + KeyPrefix.Separator.Length)..];
        if (name.Length == 0)
            throw new FormatException("encryption key name not found on record");
        var key = name == _primary.Name ? _primary.Key : name == _secondary?.Name ? _secondary.Value.Key : throw new FormatException($"the component has no encryption key named {name}");
        var bytes = Convert.FromBase64String(value[..at]);
        if (bytes.Length < NonceSize + TagSize)
            throw new FormatException("the record is too short");
        var plain = new byte[bytes.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(bytes.AsSpan(0, NonceSize), bytes.AsSpan(NonceSize, plain.Length), bytes.AsSpan(NonceSize + plain.Length), plain);
        return plain;
    }

    /// <summary>daprd encrypts the text within a JSON string, without its quotation marks; a client that reads it back gets it like that.</summary>
    private static ReadOnlyMemory<byte> Text(ReadOnlyMemory<byte> json) => json.Span is [(byte)'"', ..] ? Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(json.Span)!) : json;

    private static (string Name, byte[] Key)? Key(ComponentSpec spec, string name, Func<string, string?> secretOf)
    {
        if (!spec.Metadata.TryGetValue(name, out var hex))
            return null;
        var secret = secretOf(name) ?? throw new ComponentException(spec, $"{name} must be a secretKeyRef: the key may not stand in the file, and its name goes with each value");
        if (hex.Length is not (32 or 48 or 64) || !hex.All(char.IsAsciiHexDigit))
            throw new ComponentException(spec, $"{name} must be an AES key of 16, 24 or 32 bytes in hexadecimal digits");
        return (secret, Convert.FromHexString(hex));
    }
}
