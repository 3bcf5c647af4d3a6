using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tarasol.Mesh.Up;

/// <summary>
/// A running child. Its stdin is a pipe that only mesh holds: when mesh is gone, even by kill -9, the child reads end of file and stops.
/// A Ctrl-C at the terminal reaches mesh alone, which then stops its children in their order.
/// </summary>
internal sealed partial class ChildProcess : IDisposable
{
    private const int Sigterm = 15;
    private const string Plain = """trap '' INT; exec "$0" "$@" """;

    // A program that knows nothing of stdin: a shell beside it waits for its end and then asks the program to stop, if that still is its parent.
    private const string Watched = """
        trap '' INT
        exec 3<&0
        (
          cat <&3 >/dev/null
          parent=$$
          [ -r /proc/self/stat ] && read -r _ _ _ parent _ </proc/self/stat
          [ "$parent" = "$$" ] && kill -TERM $$
        ) >/dev/null 2>&1 &
        exec "$0" "$@" 3<&- </dev/null
        """;

    private readonly Process process;

    private ChildProcess(Process process, LogFile log)
    {
        this.process = process;
        Identity = ProcessIdentity.Of(process);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exited = process.WaitForExitAsync().ContinueWith(_ => process.ExitCode, TaskScheduler.Default);

        void Keep(string? line)
        {
            if (line is not null)
                log.Write(line);
        }
    }

    public ProcessIdentity Identity { get; }

    /// <summary>Completes with the exit code once the process has ended and its output is read; 128 + n after signal n.</summary>
    public Task<int> Exited { get; }

    public static ChildProcess Start(UnitPlan plan, LogFile log)
    {
        var start = new ProcessStartInfo
        {
            WorkingDirectory = plan.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (OperatingSystem.IsWindows())
        {
            start.FileName = plan.Program;
        }
        else
        {
            start.FileName = "/bin/sh";
            foreach (var argument in new[] { "-c", plan.OutlivesMesh ? Watched : Plain, plan.Program })
                start.ArgumentList.Add(argument);
        }

        foreach (var argument in plan.Arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in plan.Environment)
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!, log);
    }

    public void AskToStop()
    {
        try
        {
            process.StandardInput.Close();
            if (!OperatingSystem.IsWindows() && !process.HasExited)
                _ = Signal(process.Id, Sigterm);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // It has ended already.
        }
    }

    public void Kill() => Identity.Kill();

    public void Dispose()
    {
        AskToStop();
        process.Dispose();
    }

    public static string DescribeExit(int code) => code > 128 ? $"killed by signal {code - 128}" : $"exit code {code}";

    /// <summary>The dotnet command that runs mesh itself, so that children need no PATH.</summary>
    public static string DotNetHost { get; } = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>What mesh decides is not to leak in from the shell, or from a mesh around it.</summary>
    private static bool IsOurs(string name) =>
        name.StartsWith("DAPR_", StringComparison.Ordinal) || name.StartsWith("TARASOL_", StringComparison.Ordinal)
        || name is "APP_API_TOKEN" or "ASPNETCORE_URLS" or "ASPNETCORE_HTTP_PORTS" or "ASPNETCORE_HTTPS_PORTS" or "DOTNET_LAUNCH_PROFILE";

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int pid, int signal);
}
