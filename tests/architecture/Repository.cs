namespace Tarasol.Tests;

/// <summary>The files that the tests look at.</summary>
internal static class Repository
{
    /// <summary>The folder of Tarasol.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Service folders by name; _shared is none.</summary>
    public static IReadOnlyList<string> Services { get; } =
    [
        .. Directory.GetDirectories(PathOf("services")).Select(folder => Path.GetFileName(folder)!).Where(name => name[0] is not ('_' or '.')).Order(StringComparer.Ordinal),
    ];

    /// <summary>A path in the repository.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Files below a folder, build output and data left out, as paths relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, params string[] patterns)
    {
        var start = PathOf(folder);
        if (!Directory.Exists(start))
            return [];
        return patterns
            .SelectMany(pattern => Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules" or "TestResults" || part.Length > 1 && part[0] == '.' && part != ".ci"));
    }

    /// <summary>Text of a file.</summary>
    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Tarasol.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"Tarasol.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
