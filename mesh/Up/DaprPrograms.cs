namespace Tarasol.Mesh.Up;

/// <summary>Dapr's own programs, found on PATH.</summary>
internal sealed record DaprPrograms(string Daprd, string Placement, string Scheduler)
{
    private static readonly string[] Names = ["daprd", "placement", "scheduler"];

    /// <summary>Throws <see cref="MeshException"/> naming those that are missing.</summary>
    public static DaprPrograms Find(string? path)
    {
        var folders = (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var found = Names.ToDictionary(name => name, name => Find(name, folders));
        var missing = Names.Where(name => found[name] is null).ToList();
        return missing.Count == 0
            ? new DaprPrograms(found["daprd"]!, found["placement"]!, found["scheduler"]!)
            : throw new MeshException(
                $"--runtime daprd starts Dapr's own programs; not on PATH: {string.Join(", ", missing)}. Dapr's command line brings them: after `dapr init --slim` add ~/.dapr/bin to PATH. "
                + "Without --runtime the mesh runs on its embedded sidecar host.");
    }

    private static string? Find(string name, string[] folders) => folders
        .SelectMany(folder => OperatingSystem.IsWindows() ? new[] { Path.Combine(folder, $"{name}.exe") } : [Path.Combine(folder, name)])
        .FirstOrDefault(IsProgram);

    private static bool IsProgram(string file) => File.Exists(file)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
