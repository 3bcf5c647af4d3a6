using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Identity;

/// <summary>Identity and tenant alone.</summary>
[CollectionDefinition(nameof(IdentityMesh))]
public sealed class IdentityMesh() : TestMesh(), ICollectionFixture<IdentityMesh>;

internal static class TokenAnswers
{
    public static (string Name, string Value)[] Password(string userName, string password) =>
        [("grant_type", "password"), ("client_id", "tarasol-cli"), ("username", userName), ("password", password)];

    public static (string Name, string Value)[] Refresh(string token) =>
        [("grant_type", "refresh_token"), ("client_id", "tarasol-cli"), ("refresh_token", token)];

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return json.RootElement.Clone();
    }

    public static async Task<string> TextAsync(this HttpResponseMessage answer, string member) =>
        (await answer.JsonAsync()).GetProperty(member).GetString()!;

    /// <summary>The claims of a token that we trust because we just got it.</summary>
    public static JsonElement Claims(string token) => Part(token, 1);

    public static JsonElement Header(string token) => Part(token, 0);

    private static JsonElement Part(string token, int index)
    {
        using var json = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[index]));
        return json.RootElement.Clone();
    }
}
