namespace Tarasol.Sidecar.Secrets;

/// <summary>One configured secret store component.</summary>
internal interface ISecretStore
{
    /// <summary>Dapr capability names as GET /v1.0/metadata reports them.</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>The values of one secret by key; null when there is no such secret.</summary>
    Task<IReadOnlyDictionary<string, string>?> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel);

    /// <summary>Every secret with its values.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancel);
}
