using System.Globalization;
using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Secrets;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// secretstores.local.file: a JSON file. Nested keys are joined by the separator, list items by their index. Other than in daprd, which reads it once, a changed file is read
/// again, so that keys can rotate without a restart; one that cannot be read leaves what was there.
/// </summary>
internal sealed class LocalFileSecretStore : ISecretStore
{
    public static readonly ComponentType ComponentType = new("secretstores.local.file", ["secretsFile", "nestedSeparator", "multiValued"], CreateAsync);

    private readonly string file;
    private readonly Func<byte[], Dictionary<string, IReadOnlyDictionary<string, string>>> parse;
    private readonly ILogger log;
    private volatile Read current;

    private LocalFileSecretStore(string file, Func<byte[], Dictionary<string, IReadOnlyDictionary<string, string>>> parse, bool multiValued, ILogger log)
    {
        (this.file, this.parse, this.log) = (file, parse, log);
        var written = File.GetLastWriteTimeUtc(file);
        current = new(parse(File.ReadAllBytes(file)), written);
        Features = multiValued ? ["MULTIPLE_KEY_VALUES_PER_SECRET"] : [];
    }

    public IReadOnlyList<string> Features { get; }

    public Task<IReadOnlyDictionary<string, string>?> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel) =>
        Task.FromResult(Current().GetValueOrDefault(name));

    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>(Current());

    private Dictionary<string, IReadOnlyDictionary<string, string>> Current()
    {
        var written = File.GetLastWriteTimeUtc(file);
        if (written == current.Written)
            return current.Secrets;
        try
        {
            current = new(parse(File.ReadAllBytes(file)), written);
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException or ComponentException)
        {
            log.LogWarning("the secrets file {File} cannot be read again, what it held before stays: {Reason}", file, failure.Message);
            current = current with { Written = written };
        }
        return current.Secrets;
    }

    private static Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel)
    {
        var written = spec.Metadata.GetValueOrDefault("secretsFile") is { Length: > 0 } path ? path : throw new ComponentException(spec, "missing local secrets file in metadata (secretsFile)");
        var file = Path.GetFullPath(Path.Combine(services.GetRequiredService<SidecarOptions>().WorkingDirectory, written));
        var separator = spec.Metadata.GetValueOrDefault("nestedSeparator") is { Length: > 0 } given ? given : ":";
        var multiValued = Truth.Parse(spec.Metadata.GetValueOrDefault("multiValued"));
        try
        {
            var log = services.GetRequiredService<ILoggerFactory>().CreateLogger<LocalFileSecretStore>();
            return Task.FromResult<object>(new LocalFileSecretStore(file, Parse, multiValued, log));
        }
        catch (JsonException wrong)
        {
            throw new ComponentException(spec, $"{file} is not valid JSON at line {wrong.LineNumber + 1}");
        }
        catch (IOException failure)
        {
            throw new ComponentException(spec, $"the secrets file cannot be read: {failure.Message}");
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new ComponentException(spec, $"the secrets file cannot be read: {failure.Message}");
        }

        Dictionary<string, IReadOnlyDictionary<string, string>> Parse(byte[] bytes)
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ComponentException(spec, $"{file} must hold a JSON object");
            return multiValued ? MultiValued(document.RootElement, separator) : Flat(spec, document.RootElement, separator);
        }
    }

    private sealed record Read(Dictionary<string, IReadOnlyDictionary<string, string>> Secrets, DateTime Written);

    private static Dictionary<string, IReadOnlyDictionary<string, string>> Flat(ComponentSpec spec, JsonElement root, string separator)
    {
        var secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var (name, value) in Leaves(root, "", separator))
        {
            if (!secrets.TryAdd(name, new Dictionary<string, string> { [name] = value }))
                throw new ComponentException(spec, $"the secrets file has the key {name} twice");
        }
        return secrets;
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> MultiValued(JsonElement root, string separator)
    {
        var secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.String)
                secrets[member.Name] = new Dictionary<string, string> { [member.Name] = member.Value.GetString()! };
            else if (member.Value.ValueKind == JsonValueKind.Object)
                secrets[member.Name] = Leaves(member.Value, "", separator).ToDictionary(leaf => leaf.Name, leaf => leaf.Value);
        }
        return secrets;
    }

    private static IEnumerable<(string Name, string Value)> Leaves(JsonElement node, string path, string separator)
    {
        string Below(string name) => path.Length == 0 ? name : path + separator + name;
        return node.ValueKind switch
        {
            JsonValueKind.Object => node.EnumerateObject().SelectMany(member => Leaves(member.Value, Below(member.Name), separator)),
            JsonValueKind.Array => node.EnumerateArray().SelectMany((item, index) => Leaves(item, Below(index.ToString(CultureInfo.InvariantCulture)), separator)),
            _ => [(path, Leaf(node))],
        };
    }

    /// <summary>daprd formats what is not a string as if it were one, and clients see Go's complaint about that.</summary>
    private static string Leaf(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.String => node.GetString()!,
        JsonValueKind.True => "%!s(bool=true)",
        JsonValueKind.False => "%!s(bool=false)",
        JsonValueKind.Number => $"%!s(float64={GoFloat(node.GetDouble())})",
        _ => "%!s(<nil>)",
    };

    private static string GoFloat(double value)
    {
        var size = Math.Abs(value);
        if (value == 0 || size is >= 1e-4 and < 1e21)
            return ((decimal)size < 1e15m ? ((decimal)value).ToString("0.###################", CultureInfo.InvariantCulture) : value.ToString("F0", CultureInfo.InvariantCulture));
        var text = value.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
        var exponent = text.IndexOf('e', StringComparison.Ordinal);
        return exponent > 0 && text.Length - exponent == 3 ? text.Insert(exponent + 2, "0") : text;
    }
}
