using System.ComponentModel;
using System.Diagnostics;

namespace Tarasol.Tests.E2e.Sdk;

/// <summary>Runs scripts of the folder node with its packages, which package-lock.json pins.</summary>
internal static class NodeSdk
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly Lazy<Task<string?>> Problem = new(InstallAsync);

    private static string Folder { get; } = Path.Combine(MeshProcess.Root, "tests", "e2e", "node");

    /// <summary>Skips the test where Node or the packages cannot be had, or fails it with CI=true.</summary>
    public static async Task RequireAsync()
    {
        if (await Problem.Value is not { } reason)
            return;
        Assert.False(string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase), reason);
        Assert.Skip(reason);
    }

    /// <summary>Runs a test file to its end: exit code and everything that it wrote.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(string script, Dictionary<string, string> environment) =>
        RunAsync("node", ["--test-reporter=tap", script], environment);

    private static async Task<string?> InstallAsync()
    {
        try
        {
            var (nodeCode, version) = await RunAsync("node", ["--version"], []);
            if (nodeCode != 0)
                return $"node does not run: {version}";
            // Made by npm from the lock file at the end of an install: an older one is from other packages.
            var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
            if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
                return null;
            var (npmCode, output) = await RunAsync("npm", ["ci"], []);
            return npmCode == 0 ? null : $"npm ci failed: {output}";
        }
        catch (Win32Exception missing)
        {
            return $"node or npm is not installed (Debian: apt-get install nodejs npm): {missing.Message}";
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, string.Concat(texts));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit}");
        }
    }
}
