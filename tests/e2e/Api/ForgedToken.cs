using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarasol.Mesh;

namespace Tarasol.Tests.E2e.Api;

/// <summary>Access tokens that identity never gave out, made from one that it did.</summary>
internal static class ForgedToken
{
    /// <summary>The signature taken away, and no algorithm named.</summary>
    public static string Unsigned(string token)
    {
        var header = Part(token, 0);
        header["alg"] = "none";
        return $"{Encode(header)}.{token.Split('.')[1]}.";
    }

    /// <summary>A claim changed, the signature left.</summary>
    public static string Tampered(string token, string claim, JsonNode value) => $"{token.Split('.')[0]}.{Encode(Changed(token, claim, value))}.{token.Split('.')[2]}";

    /// <summary>Signed by somebody else.</summary>
    public static string OfOtherKey(string token)
    {
        using var key = RSA.Create(2048);
        return Sign(Part(token, 0), Part(token, 1), key);
    }

    /// <summary>Valid until five minutes ago.</summary>
    public static string Expired(string token, string dataPath)
    {
        var payload = Part(token, 1);
        foreach (var time in new[] { "iat", "nbf", "exp" }.Where(payload.ContainsKey))
            payload[time] = DateTimeOffset.UtcNow.AddMinutes(time == "exp" ? -5 : -15).ToUnixTimeSeconds();
        return Sign(Part(token, 0), payload, dataPath);
    }

    /// <summary>A claim changed, and signed with the mesh's own key.</summary>
    public static string With(string token, string dataPath, string claim, JsonNode value) => Sign(Part(token, 0), Changed(token, claim, value), dataPath);

    private static JsonObject Changed(string token, string claim, JsonNode value)
    {
        var payload = Part(token, 1);
        payload[claim] = value;
        return payload;
    }

    private static string Sign(JsonObject header, JsonObject payload, string dataPath)
    {
        using var secrets = JsonDocument.Parse(File.ReadAllText(new DataFolder(dataPath).Secrets));
        using var key = RSA.Create();
        key.ImportFromPem(secrets.RootElement.GetProperty("identity-signing-key").GetString());
        return Sign(header, payload, key);
    }

    private static string Sign(JsonObject header, JsonObject payload, RSA key)
    {
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static JsonObject Part(string token, int index) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[index]))!.AsObject();

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
