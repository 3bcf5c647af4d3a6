using System.Security.Cryptography;
using System.Text.Json;
using Tarasol.Mesh;
using Tarasol.Mesh.Up;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class MeshSecretsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private DataFolder Data => new(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_run_makes_keys_a_password_and_a_client_secret_per_service()
    {
        MeshSecrets.Ensure(Data, ["identity", "task"]);

        var secrets = Read();
        using var rsa = RSA.Create();
        rsa.ImportFromPem(secrets["identity-signing-key"]);
        Assert.Equal(3072, rsa.KeySize);
        Assert.Equal(32, Convert.FromBase64String(secrets["identity-encryption-key"]).Length);
        Assert.NotEqual(secrets["client-identity"], secrets["client-task"]);
        var account = JsonSerializer.Deserialize<OperatorAccount>(File.ReadAllText(Data.Operator), MeshJson.Options)!;
        Assert.Equal(new OperatorAccount("platform", "operator", secrets["operator-password"]), account);
    }

    [Fact]
    public void Only_the_owner_can_read_the_files_and_no_temporary_one_stays()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }

        MeshSecrets.Ensure(Data, ["identity"]);

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ownerOnly, File.GetUnixFileMode(Data.Secrets));
        Assert.Equal(ownerOnly, File.GetUnixFileMode(Data.Operator));
        Assert.Equal(["operator.json", "secrets.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_second_run_changes_nothing()
    {
        HaveSigningKey();
        MeshSecrets.Ensure(Data, ["identity"]);
        var before = File.ReadAllText(Data.Secrets);
        MeshSecrets.Ensure(Data, ["identity"]);

        Assert.Equal(before, File.ReadAllText(Data.Secrets));
    }

    [Fact]
    public void A_service_added_later_gets_a_secret_and_the_others_keep_theirs()
    {
        HaveSigningKey();
        MeshSecrets.Ensure(Data, ["identity"]);
        var before = Read();
        MeshSecrets.Ensure(Data, ["identity", "task"]);

        var after = Read();
        Assert.Equal(before.Keys.Append("client-task").Order(), after.Keys.Order());
        Assert.All(before, secret => Assert.Equal(secret.Value, after[secret.Key]));
    }

    [Fact]
    public void A_damaged_file_is_refused_and_kept()
    {
        File.WriteAllText(Data.Secrets, "{ not json");

        var refused = Assert.Throws<MeshException>(() => MeshSecrets.Ensure(Data, ["identity"]));
        Assert.Contains(Data.Secrets, refused.Message, StringComparison.Ordinal);
        Assert.Equal("{ not json", File.ReadAllText(Data.Secrets));
    }

    /// <summary>Making one takes a second.</summary>
    private void HaveSigningKey() => File.WriteAllText(Data.Secrets, """{ "identity-signing-key": "kept" }""");

    private Dictionary<string, string> Read() => JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Data.Secrets))!;
}
