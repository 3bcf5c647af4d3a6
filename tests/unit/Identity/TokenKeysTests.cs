using System.Security.Cryptography;
using Dapr.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using Tarasol.Identity.Tokens;

namespace Tarasol.Tests.Unit.Identity;

public sealed class TokenKeysTests
{
    private static readonly string EncryptionKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly Lazy<string> SigningKey = new(() =>
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKeyPem();
    });

    private readonly Mock<DaprClient> dapr = new();

    [Fact]
    public async Task Keys_are_read_again_until_the_sidecar_answers()
    {
        var calls = 0;
        dapr.Setup(client => client.GetSecretAsync("secretstore", "identity-signing-key", It.IsAny<IReadOnlyDictionary<string, string>>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(() => ++calls < 3 ? throw new Dapr.DaprException("the sidecar is not there yet") : new() { ["identity-signing-key"] = SigningKey.Value });
        Secret("identity-encryption-key", EncryptionKey);

        using var keys = await RunAsync();
        while (!keys.AreLoaded.IsCompleted)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(3, calls);
        Assert.Equal(256, keys.Encryption.KeySize);
        Assert.Equal(2048, keys.Signing.KeySize);
    }

    [Theory]
    [InlineData("no key at all", null)]
    [InlineData(null, "c2hvcnQ=")]
    [InlineData(null, "not base64!")]
    public async Task A_malformed_key_is_never_used(string? signing, string? encryption)
    {
        Secret("identity-signing-key", signing ?? SigningKey.Value);
        Secret("identity-encryption-key", encryption ?? EncryptionKey);
        using var keys = await RunAsync();
        // Asking twice means that the first answer was refused.
        while (dapr.Invocations.Count(call => call.Arguments[1] is "identity-signing-key") < 2)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.False(keys.AreLoaded.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => keys.Signing);
    }

    private void Secret(string name, string value) => dapr
        .Setup(client => client.GetSecretAsync("secretstore", name, It.IsAny<IReadOnlyDictionary<string, string>>(), It.IsAny<CancellationToken>()))
        .ReturnsAsync(new Dictionary<string, string> { [name] = value });

    private async Task<TokenKeys> RunAsync()
    {
        var keys = new TokenKeys(dapr.Object, TimeProvider.System, NullLogger<TokenKeys>.Instance);
        await keys.StartAsync(TestContext.Current.CancellationToken);
        return keys;
    }
}
