using System.Diagnostics;
using System.Net;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.E2e.Workflows;

/// <summary>A program of this repository as a process that is killed and started again.</summary>
internal sealed class Killable(string assembly, string[] arguments, string folder, params (string Name, string Value)[] environment) : IAsyncDisposable
{
    private Process? _process;

    public int Kills { get; private set; }

    /// <summary>The build output of another project of the same configuration.</summary>
    public static string Built(string project, string assembly) =>
        Path.Combine([MeshProcess.Root, .. project.Split('/'), "bin", .. AppContext.BaseDirectory.TrimEnd('/', '\\').Split('/', '\\')[^2..], assembly]);

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments]) { WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
    }

    public async Task KillAsync()
    {
        Assert.False(_process!.HasExited, $"{Path.GetFileName(assembly)} ended by itself with exit code {(_process.HasExited ? _process.ExitCode : 0)}");
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        Kills++;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }
}
