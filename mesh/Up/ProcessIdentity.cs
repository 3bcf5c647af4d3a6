using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Tarasol.Mesh.Up;

/// <summary>A process id alone says little, because the system uses ids again; with the start time it names one process.</summary>
internal sealed record ProcessIdentity(int Pid, DateTimeOffset Started)
{
    public static ProcessIdentity Of(Process process) => new(process.Id, process.StartTime.ToUniversalTime());

    [JsonIgnore]
    public bool IsAlive => Open() is { } process && Closed(process);

    /// <summary>Ends exactly this process, if it still lives.</summary>
    public void Kill()
    {
        using var process = Open();
        try
        {
            process?.Kill();
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It ended by itself in between.
        }
    }

    private Process? Open()
    {
        Process? process = null;
        try
        {
            process = Process.GetProcessById(Pid);
            // The start time is worked out from the time since boot, so two readings may differ by a few milliseconds.
            if (!process.HasExited && (process.StartTime.ToUniversalTime() - Started.UtcDateTime).Duration() < TimeSpan.FromSeconds(1) && !IsZombie(Pid))
                return process;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // Gone.
        }

        process?.Dispose();
        return null;
    }

    private static bool Closed(Process process)
    {
        process.Dispose();
        return true;
    }

    /// <summary>A dead process whose parent has not asked for its end yet still has an id.</summary>
    private static bool IsZombie(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
