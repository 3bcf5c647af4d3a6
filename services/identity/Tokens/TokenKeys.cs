using System.Security.Cryptography;
using Dapr.Client;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using Tarasol.Identity.Secrets;

namespace Tarasol.Identity.Tokens;

/// <summary>
/// The keys that tokens are signed and sealed with. They come from the secret store, so the service takes no requests until its sidecar answers, and are read again every
/// half minute: keys rotate without a restart. The secret <c>identity-signing-keys</c> lists key ids, the one that signs first; all of them are published and verify. The key
/// <c>x</c> is the secret <c>identity-signing-key-x</c>, the id <c>default</c> is the secret <c>identity-signing-key</c>, which alone counts where there is no list.
/// The same for <c>identity-encryption-keys</c>.
/// </summary>
internal sealed class TokenKeys(DaprClient dapr, TimeProvider time, ILogger<TokenKeys> log) : BackgroundService, IOptionsChangeTokenSource<OpenIddictServerOptions>
{
    private const string Unnamed = "default";
    private const int EncryptionKeyBytes = 32;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> lists = [];
    private volatile Keys? keys;
    private CancellationTokenSource changed = new();

    /// <summary>Done once the keys are there.</summary>
    public Task AreLoaded => loaded.Task;

    /// <summary>The key that signs.</summary>
    public RsaSecurityKey Signing => Loaded.Signing[0];

    /// <summary>All keys whose signatures are good, the one that signs first.</summary>
    public IReadOnlyList<RsaSecurityKey> Signings => Loaded.Signing;

    /// <summary>The key that seals; refresh tokens are readable to nobody but us.</summary>
    public SymmetricSecurityKey Encryption => Loaded.Encryption[0];

    /// <summary>All keys that open what was sealed, the one that seals first.</summary>
    public IReadOnlyList<SymmetricSecurityKey> Encryptions => Loaded.Encryption;

    string IOptionsChangeTokenSource<OpenIddictServerOptions>.Name => Options.DefaultName;

    private Keys Loaded => keys ?? throw new InvalidOperationException("The token keys are not loaded yet.");

    IChangeToken IOptionsChangeTokenSource<OpenIddictServerOptions>.GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref changed).Token);

    /// <inheritdoc/>
    public override void Dispose()
    {
        changed.Dispose();
        base.Dispose();
    }

    /// <summary>Reads the keys again; true when they are others than before.</summary>
    public async Task<bool> ReadAsync(CancellationToken cancel)
    {
        var signing = await SecretsAsync("identity-signing-key", cancel);
        var encryption = await SecretsAsync("identity-encryption-key", cancel);
        var read = string.Join('\n', signing.Concat(encryption).Select(secret => $"{secret.Id} {secret.Value}"));
        if (keys?.Read == read)
            return false;
        var before = keys;
        keys = new([.. signing.Select(SigningKey)], [.. encryption.Select(EncryptionKey)], read);
        if (before is null)
            return true;
        log.LogInformation("The token keys are others now; {KeyId} signs", keys.Signing[0].KeyId ?? Unnamed);
        using var old = Interlocked.Exchange(ref changed, new());
        await old.CancelAsync();
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = FirstWait; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await ReadAsync(stoppingToken);
                loaded.TrySetResult();
                await Task.Delay(Every, time, stoppingToken);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("The token keys cannot be read from the secret store: {Reason}", failed.InnerException?.Message ?? failed.Message);
                await Task.Delay(keys is null ? wait : Every, time, stoppingToken);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    private async Task<List<(string Id, string Value)>> SecretsAsync(string name, CancellationToken cancel)
    {
        var secrets = new List<(string, string)>();
        foreach (var id in await IdsAsync($"{name}s", cancel))
            secrets.Add((id, await dapr.ReadSecretAsync(id == Unnamed ? name : $"{name}-{id}", cancel)));
        return secrets;
    }

    // A store says of a secret that is not there what it says of any other trouble. A list that was seen once is not forgotten for that.
    private async Task<string[]> IdsAsync(string list, CancellationToken cancel)
    {
        try
        {
            var ids = (await dapr.ReadSecretAsync(list, cancel)).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (ids.Length == 0)
                throw new InvalidOperationException($"The secret {list} names no key.");
            lists.Add(list);
            return ids;
        }
        catch (Exception missing) when (missing is not OperationCanceledException && !lists.Contains(list))
        {
            return [Unnamed];
        }
    }

    private static RsaSecurityKey SigningKey((string Id, string Value) secret)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(secret.Value);
        }
        catch (ArgumentException malformed)
        {
            throw new InvalidOperationException($"The secret identity-signing-key ({secret.Id}) is not an RSA private key in PEM.", malformed);
        }
        // Without a name of its own OpenIddict names it by its modulus.
        return secret.Id == Unnamed ? new(rsa) : new(rsa) { KeyId = secret.Id };
    }

    private static SymmetricSecurityKey EncryptionKey((string Id, string Value) secret)
    {
        var bytes = new byte[EncryptionKeyBytes];
        return Convert.TryFromBase64String(secret.Value, bytes, out var length) && length == EncryptionKeyBytes
            ? secret.Id == Unnamed ? new(bytes) : new(bytes) { KeyId = secret.Id }
            : throw new InvalidOperationException($"The secret identity-encryption-key ({secret.Id}) is not base64 of {EncryptionKeyBytes} bytes.");
    }

    private sealed record Keys(IReadOnlyList<RsaSecurityKey> Signing, IReadOnlyList<SymmetricSecurityKey> Encryption, string Read);
}
