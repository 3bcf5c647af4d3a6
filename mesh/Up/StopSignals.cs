using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tarasol.Mesh.Up;

/// <summary>
/// What ends `mesh up`: Ctrl-C, SIGTERM, the end of the `dotnet run` that started it (a kill -9 of that would otherwise leave an orphan mesh), and with
/// TARASOL_STOP_WITH_STDIN=1 the end of standard input.
/// A second signal means: do not wait any longer.
/// </summary>
internal sealed partial class StopSignals : IDisposable
{
    /// <summary>One stop often arrives twice, from the process group and from a parent that passes it on.</summary>
    private static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource hurry = new();
    private readonly List<PosixSignalRegistration> registrations;
    private long first;
    private readonly Timer? parentWatch;

    public StopSignals()
    {
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
        if (Environment.GetEnvironmentVariable("TARASOL_STOP_WITH_STDIN") == "1")
            new Thread(StopAtEndOfInput) { IsBackground = true, Name = "stdin" }.Start();
        if (OperatingSystem.IsLinux() && StartedByDotNetRun() is { } parent)
            parentWatch = new Timer(_ => EndWithParent(parent), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public CancellationToken Stop => stop.Token;

    public CancellationToken Hurry => hurry.Token;

    public void Dispose()
    {
        // Whatever is still watching has nothing to say any more.
        Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
        parentWatch?.Dispose();
        foreach (var registration in registrations)
            registration.Dispose();
        stop.Dispose();
        hurry.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0) == 0)
            stop.Cancel();
        else if (Stopwatch.GetElapsedTime(first) > SameSignal)
            hurry.Cancel();
    }

    private void StopAtEndOfInput()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[64];
        while (input.Read(buffer) > 0)
        {
            // Nothing is said on this pipe; only its end matters.
        }

        RequestStop();
    }

    private void EndWithParent(int parent)
    {
        if (ParentId() != parent)
            RequestStop();
    }

    private void RequestStop()
    {
        if (Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0) == 0)
            stop.Cancel();
    }

    private static int? StartedByDotNetRun()
    {
        var parent = ParentId();
        try
        {
            var arguments = File.ReadAllText($"/proc/{parent}/cmdline").Split('\0');
            return Path.GetFileNameWithoutExtension(arguments[0]) == "dotnet" && arguments.Contains("run") ? parent : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();
}
