using Dapr.Client;

namespace Tarasol.Identity.Secrets;

/// <summary>Secrets with one value, read through the sidecar from the component <c>secretstore</c>.</summary>
internal static class SecretStore
{
    /// <summary>Throws <see cref="Dapr.DaprException"/> when the sidecar or the secret is not there.</summary>
    public static async Task<string> ReadSecretAsync(this DaprClient dapr, string name, CancellationToken cancel)
    {
        var secret = await dapr.GetSecretAsync("secretstore", name, cancellationToken: cancel);
        return secret.TryGetValue(name, out var value) ? value : throw new InvalidOperationException($"The secret {name} holds no value of its own name.");
    }
}
