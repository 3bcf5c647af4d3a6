using System.Diagnostics;

namespace Tarasol.Sidecar.Hosting;

/// <summary>This process, and whether another host's one still runs, as far as that can be known.</summary>
internal static class HostProcess
{
    private static readonly Process Self = Process.GetCurrentProcess();

    public static int Id => Self.Id;

    /// <summary>Where process numbers are the same ones: a machine, or one container of several that share its name.</summary>
    public static string Machine { get; } = new FileInfo("/proc/self/ns/pid").LinkTarget is { } pids ? $"{Environment.MachineName} {pids}" : Environment.MachineName;

    public static DateTime Started { get; } = Self.StartTime.ToUniversalTime();

    /// <summary>Only of this machine's processes can it be known.</summary>
    public static bool IsDead(string machine, int id, DateTime started)
    {
        if (machine != Machine)
            return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return Math.Abs((process.StartTime.ToUniversalTime() - started).TotalSeconds) > 2;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }
}
