using Dapr.Client;
using Tarasol.Tenancy;

namespace Tarasol.Profiles.Signatures;

/// <summary>The images, in Dapr's state store. A key names tenant, person and content, so that no write can change an image that a profile names.</summary>
public sealed class SignatureImages(DaprClient dapr, CurrentTenant tenant)
{
    private const string Store = "statestore";

    public Task SaveAsync(string userName, string hash, byte[] png, CancellationToken cancel) =>
        dapr.SaveStateAsync(Store, Key(userName, hash), Convert.ToBase64String(png), cancellationToken: cancel);

    /// <summary>Null: it is not there.</summary>
    public async Task<byte[]?> FindAsync(string userName, string hash, CancellationToken cancel) =>
        await dapr.GetStateAsync<string?>(Store, Key(userName, hash), cancellationToken: cancel) is { Length: > 0 } stored ? Convert.FromBase64String(stored) : null;

    public Task DeleteAsync(string userName, string hash, CancellationToken cancel) => dapr.DeleteStateAsync(Store, Key(userName, hash), cancellationToken: cancel);

    // A user name can hold what parts keys; a slug and a hash cannot.
    private string Key(string userName, string hash) => $"signature-{tenant.Slug}-{Uri.EscapeDataString(userName)}-{hash}";
}
