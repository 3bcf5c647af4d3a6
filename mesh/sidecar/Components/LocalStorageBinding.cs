using System.Text;
using System.Text.Json;
using Tarasol.Sidecar.Bindings;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Components;

/// <summary>bindings.localstorage: files below one folder. No name leads out of it, not through .. and not through links.</summary>
internal sealed class LocalStorageBinding(string root) : IOutputBinding
{
    public static readonly ComponentType ComponentType = new("bindings.localstorage", [.. BindingDirection.Keys, "rootPath"], CreateAsync);

    private const int MostLinks = 255;

    private static readonly string[] Forbidden = ["/proc", "/sys", "/boot", "/var/run/secrets"];
    private static readonly Dictionary<string, string> NoMetadata = [];

    public IReadOnlyList<string> Operations { get; } = ["create", "get", "list", "delete"];

    public async Task<BindingResult?> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel)
    {
        var name = metadata.GetValueOrDefault("fileName") ?? "";
        if (name.Length == 0 && operation == "create")
            name = Guid.NewGuid().ToString();
        var path = Inside(root, name);
        try
        {
            return operation switch
            {
                "create" => await WriteFileAsync(path, Content(data), cancel),
                "get" => await ReadFileAsync(path, cancel),
                "list" => List(path),
                "delete" => Delete(path),
                _ => throw new BindingException($"unsupported operation {operation}"),
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BindingException($"error in operation {operation} on {path}: {failure.Message}");
        }
    }

    private static Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel)
    {
        var written = spec.Metadata.GetValueOrDefault("rootPath") is { Length: > 0 } given ? given : throw new ComponentException(spec, "property rootPath must not be empty");
        // Without links: what a link hides would be neither refused nor what names are held against.
        var root = Inside("/", Path.GetFullPath(Path.Combine(services.GetRequiredService<SidecarOptions>().WorkingDirectory, written)));
        if (File.Exists(root))
            throw new ComponentException(spec, "property rootPath represents a file and not a directory");
        if (Forbidden.Any(forbidden => root == forbidden || root.StartsWith($"{forbidden}/", StringComparison.Ordinal)))
            throw new ComponentException(spec, "property rootPath points to a disallowed location");
        Directory.CreateDirectory(root);
        return Task.FromResult<object>(new LocalStorageBinding(root));
    }

    /// <summary>Each part of the name is taken below the root; a link is followed as if the root were the whole disk.</summary>
    private static string Inside(string root, string name)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
            throw new BindingException($"error getting absolute path for file {name}: invalid argument");
        var path = root;
        var links = 0;
        var parts = new Stack<string>(name.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (parts.TryPop(out var part))
        {
            if (part is ".")
                continue;
            if (part is "..")
            {
                path = path == root ? root : Path.GetDirectoryName(path)!;
                continue;
            }
            var next = Path.Combine(path, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                path = next;
                continue;
            }
            if (++links > MostLinks)
                throw new BindingException($"error getting absolute path for file {name}: too many symbolic links");
            if (Path.IsPathRooted(target))
                path = root;
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                parts.Push(step);
        }
        return path;
    }

    /// <summary>A JSON string is unquoted, and what then is base64 is decoded, as daprd does.</summary>
    private static ReadOnlyMemory<byte> Content(ReadOnlyMemory<byte> data)
    {
        if (data.Length >= 2 && data.Span[0] == '"')
        {
            try
            {
                data = Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(data.Span)!);
            }
            catch (JsonException)
            {
                return data;
            }
        }
        // .NET passes over spaces in base64, Go only over line ends: a text of four letters and a space is not base64.
        if (data.Span.ContainsAny((byte)' ', (byte)'\t'))
            return data;
        var decoded = new byte[data.Length];
        return Convert.TryFromBase64String(Encoding.UTF8.GetString(data.Span), decoded, out var length) ? decoded.AsMemory(0, length) : data;
    }

    private async Task<BindingResult> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        if (path == root)
            throw new BindingException($"error creating file {path}: is a directory");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, cancel);
        return new BindingResult(JsonSerializer.SerializeToUtf8Bytes(new { fileName = Path.GetRelativePath(root, path) }, Plain), NoMetadata);
    }

    private static async Task<BindingResult> ReadFileAsync(string path, CancellationToken cancel) => Directory.Exists(path)
        ? throw new BindingException($"error reading file {path}: read {path}: is a directory")
        : File.Exists(path)
            ? new BindingResult(await File.ReadAllBytesAsync(path, cancel), NoMetadata)
            : throw new BindingException($"file not found: {path}");

    private static BindingResult List(string path)
    {
        if (File.Exists(path))
            throw new BindingException($"unable to list files as the file specified is not a directory: {path}");
        if (!Directory.Exists(path))
            throw new BindingException($"error getting stats for path {path}: stat {path}: no such file or directory");
        var files = Walk(path).ToList();
        return new BindingResult(files.Count == 0 ? "null"u8.ToArray() : JsonSerializer.SerializeToUtf8Bytes(files, Plain), NoMetadata);
    }

    /// <summary>Folder by folder in the order of names. A link is listed but not followed.</summary>
    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (entry is not DirectoryInfo || entry.LinkTarget is not null)
            {
                yield return entry.FullName;
                continue;
            }
            foreach (var below in Walk(entry.FullName))
                yield return below;
        }
    }

    private BindingResult? Delete(string path)
    {
        if (path == root)
            throw new BindingException($"error deleting file {path}: remove {path}: it is the root of this binding");
        if (File.Exists(path))
            File.Delete(path);
        else if (!Directory.Exists(path))
            throw new BindingException($"error deleting file {path}: remove {path}: no such file or directory");
        else if (Directory.EnumerateFileSystemEntries(path).Any())
            throw new BindingException($"error deleting file {path}: remove {path}: directory not empty");
        else
            Directory.Delete(path);
        return null;
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = GoJson.WriterOptions.Encoder };
}
