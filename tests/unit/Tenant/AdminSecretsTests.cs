using Dapr.Client;
using FsCheck;
using FsCheck.Xunit;
using Moq;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tests.Unit.Tenant;

public sealed class AdminSecretsTests
{
    [Property]
    public async Task<bool> A_sealed_password_opens_to_itself_and_does_not_show_it(NonEmptyString password)
    {
        var secrets = With("a secret");
        var text = new string([.. password.Get.Where(letter => !char.IsSurrogate(letter))]);
        var sealedText = await secrets.SealAsync("ministry", text, default);
        return await secrets.OpenAsync("ministry", sealedText, default) == text
            && sealedText != await secrets.SealAsync("ministry", text, default)
            && (text.Length < 4 || !sealedText.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sealed_password_opens_for_its_own_tenant_only()
    {
        var secrets = With("a secret");
        var sealedText = await secrets.SealAsync("ministry", "Admin-Pass-1", default);
        await Assert.ThrowsAsync<StepFailedException>(() => secrets.OpenAsync("another", sealedText, default));
    }

    [Fact]
    public async Task A_changed_secret_is_told_and_not_taken_for_another_password()
    {
        var sealedText = await With("the old one").SealAsync("ministry", "Admin-Pass-1", default);
        var failed = await Assert.ThrowsAsync<StepFailedException>(() => With("the new one").OpenAsync("ministry", sealedText, default));
        Assert.Contains("client-tenant", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_print_depends_on_request_and_secret()
    {
        var print = await With("a secret").PrintAsync("{}"u8.ToArray(), default);
        Assert.Equal(print, await With("a secret").PrintAsync("{}"u8.ToArray(), default));
        Assert.NotEqual(print, await With("a secret").PrintAsync("[]"u8.ToArray(), default));
        Assert.NotEqual(print, await With("another").PrintAsync("{}"u8.ToArray(), default));
    }

    private static AdminSecrets With(string secret)
    {
        var dapr = new Mock<DaprClient>();
        dapr.Setup(client => client.GetSecretAsync("secretstore", "client-tenant", It.IsAny<IReadOnlyDictionary<string, string>>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new Dictionary<string, string> { ["client-tenant"] = secret });
        return new(dapr.Object);
    }
}
