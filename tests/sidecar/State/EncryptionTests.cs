using System.Text;
using Dapr.Client;
using Microsoft.Data.Sqlite;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.State;

/// <summary>State that is encrypted before it leaves the host, in the form in which daprd does it (wire: 7).</summary>
public sealed class EncryptionTests
{
    private const string First = "000102030405060708090a0b0c0d0e0f";
    private const string Second = "F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF";

    // {"n":1} closed with the key First by another implementation of AES-GCM, under the nonce 00..0b.
    private const string ClosedElsewhere = "AAECAwQFBgcICQoL6E7J7Fwqin8F2xIlMYsydhNzF5JF1E0=||first";

    [Fact]
    public async Task The_store_sees_only_ciphertext_and_the_app_what_it_saved()
    {
        await using var mesh = await MeshAsync(Store("primaryEncryptionKey=first"));
        using var client = mesh.Dapr("app");

        Assert.Equal(204, (await mesh.SendAsync("app", "POST", "/v1.0/state/store", """[{"key":"text","value":"secret words"},{"key":"object","value":{"n":1}}]""")).Status);
        Assert.Equal(204, (await mesh.SendAsync("app", "POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"upsert","request":{"key":"many","value":[1,2]}}]}""")).Status);
        await client.SaveStateAsync("store", "client", new { word = "secret" });

        Assert.Equal("secret words", (await mesh.SendAsync("app", "GET", "/v1.0/state/store/text")).Body);
        Assert.Equal("""{"n":1}""", (await mesh.SendAsync("app", "GET", "/v1.0/state/store/object")).Body);
        Assert.Equal(new[] { 1, 2 }, await client.GetStateAsync<int[]>("store", "many"));
        Assert.Equal("""{"word":"secret"}""", (await client.GetBulkStateAsync("store", ["client"], null)).Single().Value);
        Assert.Equal(204, (await mesh.SendAsync("app", "GET", "/v1.0/state/store/missing")).Status);
        var stored = Stored(mesh);
        Assert.Equal(4, stored.Count);
        Assert.All(stored, value => Assert.Matches("^[A-Za-z0-9+/]+=*\\|\\|first$", value));
        Assert.Equal(4, stored.Distinct().Count());
    }

    [Fact]
    public async Task An_earlier_key_still_opens_what_it_closed_and_any_other_is_an_error()
    {
        await using var mesh = await MeshAsync(Store("primaryEncryptionKey=second", "secondaryEncryptionKey=first"));
        using var client = mesh.Dapr("app");
        foreach (var (key, value) in new[] { ("old", ClosedElsewhere), ("other", "AAAA||third"), ("open", "not encrypted") })
            await client.SaveByteStateAsync("plain", key, Encoding.UTF8.GetBytes(value));
        await mesh.SendAsync("app", "POST", "/v1.0/state/store", """[{"key":"new","value":2}]""");

        Assert.Equal("""{"n":1}""", (await mesh.SendAsync("app", "GET", "/v1.0/state/store/old")).Body);
        Assert.EndsWith("||second", Assert.Single(Stored(mesh), value => value.EndsWith("second", StringComparison.Ordinal)));
        var refused = await mesh.SendAsync("app", "GET", "/v1.0/state/store/open");
        Assert.Equal((500, "ERR_STATE_GET", "fail to get open from state store store: could not decrypt data for state store store: encryption key name not found on record"),
            (refused.Status, refused.ErrorCode, refused.Message));
        var bulk = (await mesh.SendAsync("app", "POST", "/v1.0/state/store/bulk", """{"keys":["old","other","new"]}""")).Json;
        Assert.Equal(("""{"n":1}""", "2"), (bulk[0].GetProperty("data").GetRawText(), bulk[2].GetProperty("data").GetRawText()));
        Assert.Equal(("could not decrypt data for state store store: the component has no encryption key named third", false), (bulk[1].GetProperty("error").GetString(), bulk[1].TryGetProperty("data", out _)));
    }

    [Theory]
    [InlineData("primaryEncryptionKey must be an AES key of 16, 24 or 32 bytes in hexadecimal digits", "primaryEncryptionKey=words")]
    [InlineData("secondaryEncryptionKey needs primaryEncryptionKey, which is missing", "secondaryEncryptionKey=first")]
    [InlineData("primaryEncryptionKey must be a secretKeyRef", "primaryEncryptionKey:000102030405060708090a0b0c0d0e0f")]
    public async Task A_key_that_cannot_be_used_stops_the_start(string problem, string metadata) =>
        Assert.Contains(problem, (await Assert.ThrowsAnyAsync<Exception>(() => MeshAsync(Store(metadata)))).Message, StringComparison.Ordinal);

    /// <summary>Two components on one table: what the second writes in plain the first reads.</summary>
    private static Task<TestMesh> MeshAsync(string store) => TestMesh.StartAsync(
        Yaml.All(Yaml.Component("secrets", "secretstores.local.file", ("secretsFile", "secrets.json")), store, Yaml.Component("plain", "state.sqlite", ("connectionString", "state.db"))),
        [new TestApp("app")],
        files: folder => File.WriteAllText(Path.Combine(folder, "secrets.json"), $$"""{"first":"{{First}}","second":"{{Second}}","words":"no key"}"""));

    private static string Store(params string[] keys) => Yaml.Component("store", "state.sqlite", ("connectionString", "state.db")) + "\n" + string.Join('\n', keys.Select(key => key.Split('=') is [var name, var secret]
        ? $"  - {{ name: {name}, secretKeyRef: {{ name: {secret} }} }}"
        : $"  - {{ name: {key.Split(':')[0]}, value: \"{key.Split(':')[1]}\" }}")) + "\nauth: { secretStore: secrets }";

    private static List<string> Stored(TestMesh mesh)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(mesh.Folder, "state.db"), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value, is_binary FROM state";
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read())
            values.Add(reader.GetBoolean(1) ? Encoding.UTF8.GetString(Convert.FromBase64String(reader.GetString(0))) : reader.GetString(0));
        return values;
    }
}
