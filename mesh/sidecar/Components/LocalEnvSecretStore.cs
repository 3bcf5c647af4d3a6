using System.Collections;
using Tarasol.Sidecar.Secrets;

namespace Tarasol.Sidecar.Components;

/// <summary>secretstores.local.env: environment variables of the host's process, Dapr's own ones excepted. A missing one is an empty value, as in daprd.</summary>
internal sealed class LocalEnvSecretStore(string prefix) : ISecretStore
{
    public static readonly ComponentType ComponentType = new("secretstores.local.env", ["prefix"],
        (spec, _, _) => Task.FromResult<object>(new LocalEnvSecretStore(spec.Metadata.GetValueOrDefault("prefix") ?? "")));

    public IReadOnlyList<string> Features { get; } = [];

    public Task<IReadOnlyDictionary<string, string>?> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel)
    {
        var value = Readable(prefix + name) ? Environment.GetEnvironmentVariable(prefix + name) : null;
        return Task.FromResult<IReadOnlyDictionary<string, string>?>(new Dictionary<string, string> { [name] = value ?? "" });
    }

    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>(Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(variable => (Name: (string)variable.Key, Value: variable.Value as string ?? ""))
            .Where(variable => variable.Name.Length > prefix.Length && variable.Name.StartsWith(prefix, StringComparison.Ordinal) && Readable(variable.Name))
            .ToDictionary(variable => variable.Name[prefix.Length..],
                IReadOnlyDictionary<string, string> (variable) => new Dictionary<string, string> { [variable.Name[prefix.Length..]] = variable.Value }));

    private static bool Readable(string name) =>
        !name.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase);
}
