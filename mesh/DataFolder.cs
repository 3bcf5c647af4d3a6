using System.Security.Cryptography;

namespace Tarasol.Mesh;

/// <summary>The folder that holds everything a mesh keeps: databases, secrets, logs, and the record of its processes.</summary>
internal sealed record DataFolder(string Path)
{
    public string Secrets => In("secrets.json");

    public string Operator => In("operator.json");

    public string Record => In("mesh.json");

    public string Lock => In("mesh.lock");

    /// <summary>What the sidecar host is told; it holds the API tokens of this run.</summary>
    public string Sidecar => In("sidecar.json");

    /// <summary>Where the scheduler of a mesh on daprd keeps jobs and reminders.</summary>
    public string Scheduler => In("scheduler");

    /// <summary>Where the daprds of a mesh find each other, and the Configuration that tells them.</summary>
    public string Names => In("names.db");

    public string NamesConfiguration => In("names.yaml");

    public string SolutionFilter => In("build.slnf");

    public string Log(string service) => System.IO.Path.Combine(Path, "logs", service + ".log");

    /// <summary>Makes the folder, for its owner only, when it is not there.</summary>
    public void Create()
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(Path);
            else
                Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.CreateDirectory(System.IO.Path.Combine(Path, "logs"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MeshException($"the data folder {Path} cannot be made: {exception.Message}", exception);
        }
    }

    /// <summary>Replaces a file as one step (a reader sees the old or the new text, also after a crash), readable by its owner only from the first byte.</summary>
    public static void WriteOwnerOnly(string file, ReadOnlySpan<byte> content)
    {
        var temporary = $"{file}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
