using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>
/// Identity's public keys, read through the sidecar and kept. A token with a key id that is not among them makes us ask again, but never more often than every ten seconds,
/// however many such tokens come; and every five minutes, so that a key that was taken away is forgotten.
/// </summary>
internal sealed class IdentityKeys(IHttpClientFactory clients, SidecarAddress sidecar, TimeProvider time) : IDisposable
{
    public const string Client = "identity-keys";
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);
    private static readonly JsonWebTokenHandler Tokens = new();
    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile Known? known;
    private DateTimeOffset asked;

    /// <summary>The key with this id, or none.</summary>
    public IEnumerable<SecurityKey> Find(string? id) => id is not null && known is { } keys ? keys.All.Where(key => key.KeyId == id) : [];

    /// <summary>Reads the keys when those that are known do not do for this token. Throws a problem with 503 when there are none and identity does not answer.</summary>
    public async Task PrepareAsync(string token, CancellationToken cancel)
    {
        var id = Tokens.CanReadToken(token) && TryRead(token) is { Kid: { Length: > 0 } kid } ? kid : null;
        if (Serves(id))
            return;
        await gate.WaitAsync(cancel);
        try
        {
            if (Serves(id) || known is not null && time.GetUtcNow() - asked < AtMostEvery)
                return;
            asked = time.GetUtcNow();
            using var http = clients.CreateClient(Client);
            var set = new JsonWebKeySet(await http.GetStringAsync(new Uri(sidecar.Invoke("identity"), ".well-known/jwks"), cancel));
            known = new([.. set.GetSigningKeys()], time.GetUtcNow());
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested)
        {
            // The keys from before are still good; without any nobody can be told from anybody.
            if (known is null)
                throw new ProblemException(CommonProblems.Unavailable.Details("identity"), failed);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private bool Serves(string? id) => known is { } keys && time.GetUtcNow() - keys.At < Kept && (id is null || keys.All.Exists(key => key.KeyId == id));

    private static JsonWebToken? TryRead(string token)
    {
        try
        {
            return new(token);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private sealed record Known(List<SecurityKey> All, DateTimeOffset At);
}
