namespace Tarasol.Tests.E2e.Security;

/// <summary>What the processes of a mesh have written, while they go on writing.</summary>
internal static class ServiceLogs
{
    public static IEnumerable<(string File, string Line)> Lines(MeshProcess mesh) =>
        Directory.GetFiles(Path.Combine(mesh.DataPath, "logs")).SelectMany(log => Read(log).Select(line => (Path.GetFileName(log), line)));

    private static List<string> Read(string log)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
            lines.Add(line);
        return lines;
    }
}
