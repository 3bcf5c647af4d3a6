namespace Tarasol.Tenants.Archive;

/// <summary>
/// Where archives lie: setting TARASOL_ARCHIVES, else the folder <c>archives</c> of the data folder; readable by the service alone. Slugs and app-ids hold nothing that means something
/// in a path.
/// </summary>
internal sealed class ArchiveFiles(IConfiguration configuration)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string root = configuration["TARASOL_ARCHIVES"] ?? Path.Combine(configuration["TARASOL_DATA"] ?? Environment.CurrentDirectory, "archives");

    public string Zip(string slug) => Path.Combine(root, $"{slug}.zip");

    public string Part(string slug, string service) => Path.Combine(root, slug, $"{service}.jsonl");

    /// <summary>Writes a file that is there whole or not at all.</summary>
    public static async Task<T> WriteAsync<T>(string path, Func<FileStream, Task<T>> write)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, Owner | UnixFileMode.UserExecute);
        var begun = $"{path}.part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Owner;
        T result;
        await using (var file = new FileStream(begun, options))
        {
            result = await write(file);
            file.Flush(flushToDisk: true);
        }
        File.Move(begun, path, overwrite: true);
        return result;
    }

    public void DropParts(string slug)
    {
        var folder = Path.Combine(root, slug);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
