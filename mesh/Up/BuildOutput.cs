using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh.Up;

/// <summary>Builds what the mesh starts, in the configuration that mesh itself was built in, and knows where it lies.</summary>
internal static partial class BuildOutput
{
    /// <summary>For example bin/Debug/net10.0: the end of mesh's own path is that of every project.</summary>
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..]);

    private static string Configuration => Folder.Split(Path.DirectorySeparatorChar)[1];

    /// <summary>The assembly that building a project makes.</summary>
    public static string Of(string project) =>
        Path.Combine(Path.GetDirectoryName(project)!, Folder, Path.GetFileNameWithoutExtension(project) + ".dll");

    /// <summary>Throws <see cref="MeshException"/> when something that is to be started was not built.</summary>
    public static void Check(IEnumerable<string> projects)
    {
        foreach (var project in projects)
        {
            if (!File.Exists(Of(project)))
                throw new MeshException($"{Of(project)} does not exist: it was never built; run `up` without --no-build");
        }
    }

    /// <summary>Builds the projects, and only what they need. Throws <see cref="MeshException"/> with the compiler's errors.</summary>
    public static async Task BuildAsync(TyeApplication application, IReadOnlyList<string> projects, DataFolder data, Action<string> built, CancellationToken cancellation)
    {
        var solution = Path.Combine(application.Root, "Tarasol.sln");
        var filter = new
        {
            solution = new { path = Path.GetRelativePath(data.Path, solution), projects = projects.Select(project => Path.GetRelativePath(application.Root, project).Replace('/', '\\')) },
        };
        DataFolder.WriteOwnerOnly(data.SolutionFilter, JsonSerializer.SerializeToUtf8Bytes(filter, MeshJson.Options));
        // No build node and no compiler server may outlive the build: mesh leaves no process behind.
        var start = new ProcessStartInfo(ChildProcess.DotNetHost)
        {
            WorkingDirectory = application.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            ArgumentList =
            {
                "build", data.SolutionFilter, "--configuration", Configuration, "--nologo", "--verbosity", "minimal", "--tl:off", "-nodeReuse:false", "-p:UseSharedCompilation=false",
            },
            Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1", ["MSBUILDDISABLENODEREUSE"] = "1" },
        };
        // `dotnet run` hands these to its child; in a build of other projects they would be wrong.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) && name != "MSBUILDDISABLENODEREUSE").ToList())
            start.Environment.Remove(name);
        using var build = Process.Start(start)!;
        var errors = new SortedSet<string>(StringComparer.Ordinal);
        var tail = new Queue<string>();
        var errorOutput = build.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            while (await build.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                if (ErrorLine().IsMatch(line))
                    errors.Add(line.Trim());
                if (Arrow().Match(line) is { Success: true } match)
                    built(match.Groups[1].Value);
                tail.Enqueue(line);
                if (tail.Count > 15)
                    tail.Dequeue();
            }

            await build.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }

        if (build.ExitCode == 0)
            return;
        var said = errors.Count > 0 ? errors.Take(20) : tail.Append(await errorOutput).Where(line => line.Trim().Length > 0);
        throw new MeshException($"the build failed (exit code {build.ExitCode}):\n  {string.Join("\n  ", said)}");
    }

    [GeneratedRegex(@"(:|^) ?error [A-Z]+\d+|MSBUILD : error")]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"^\s*(\S+) -> ")]
    private static partial Regex Arrow();
}
