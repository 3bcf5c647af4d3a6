using System.Security.Cryptography;
using System.Text.Json;

namespace Tarasol.Mesh.Up;

/// <summary>The secrets of a mesh: made on its first run, kept for ever after, read by the services through the Dapr secret store.</summary>
internal static class MeshSecrets
{
    public const string OperatorPassword = "operator-password";

    /// <summary>Makes what is missing; what is there stays as it is, so that a service added later only adds its own.</summary>
    public static void Ensure(DataFolder data, IEnumerable<string> services)
    {
        var secrets = Read(data.Secrets);
        var before = secrets.Count;
        Add("identity-signing-key", SigningKey);
        Add("identity-encryption-key", () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        Add(OperatorPassword, Password);
        foreach (var service in services)
            Add($"client-{service}", () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        foreach (var (name, value) in ServerSecrets.FirstValues)
            Add(name, () => value);
        if (secrets.Count > before)
            DataFolder.WriteOwnerOnly(data.Secrets, JsonSerializer.SerializeToUtf8Bytes(secrets, MeshJson.Options));
        if (!File.Exists(data.Operator))
        {
            var account = new OperatorAccount("platform", "operator", secrets[OperatorPassword]);
            DataFolder.WriteOwnerOnly(data.Operator, JsonSerializer.SerializeToUtf8Bytes(account, MeshJson.Options));
        }

        void Add(string name, Func<string> make)
        {
            if (!secrets.ContainsKey(name))
                secrets[name] = make();
        }
    }

    private static SortedDictionary<string, string> Read(string file)
    {
        if (!File.Exists(file))
            return new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var found = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(file)) ?? throw new JsonException("it holds null");
            return new SortedDictionary<string, string>(found, StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new MeshException($"{file} cannot be read as a JSON object of texts: {exception.Message} It holds the keys of this mesh: bring it back from a backup.", exception);
        }
    }

    private static string SigningKey()
    {
        using var rsa = RSA.Create(3072);
        return rsa.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>24 characters with each of the classes that password rules ask for; about 140 bits.</summary>
    private static string Password()
    {
        const string letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        var drawn = RandomNumberGenerator.GetItems<char>(letters, 20).Concat(
            [RandomNumberGenerator.GetItems<char>("ABCDEFGHJKLMNPQRSTUVWXYZ", 1)[0], RandomNumberGenerator.GetItems<char>("abcdefghijkmnopqrstuvwxyz", 1)[0],
             RandomNumberGenerator.GetItems<char>("23456789", 1)[0], RandomNumberGenerator.GetItems<char>("-_.!", 1)[0]]).ToArray();
        RandomNumberGenerator.Shuffle(drawn.AsSpan());
        return new string(drawn);
    }
}

/// <summary>operator.json: how the platform's operator logs in.</summary>
internal sealed record OperatorAccount(string Tenant, string UserName, string Password);
