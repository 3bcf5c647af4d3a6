using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tarasol.Tests.Load;

/// <summary>A .NET program of this repository as a process; ended with kill at the end.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    /// <summary>Resident bytes.</summary>
    public long WorkingSet
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public static ChildProcess Start(string assembly, IEnumerable<string> arguments, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments.Prepend(assembly)) { WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    public static int FreePort() => FreePorts(1)[0];

    /// <summary>So many different ones.</summary>
    public static IReadOnlyList<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            foreach (var listener in listeners)
                listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }

    public async Task UntilAnswersAsync(Uri address, CancellationToken cancel)
    {
        using var http = new HttpClient();
        var last = "nothing";
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var answer = await http.GetAsync(address, cancel);
                if (answer.IsSuccessStatusCode)
                    return;
                last = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}";
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }

            if (process.HasExited)
                throw new InvalidOperationException($"a process ended with exit code {process.ExitCode} before {address} answered");
            if (watch.Elapsed > Limit)
                throw new TimeoutException($"{address} was not ready within {Limit.TotalSeconds} s, at last: {last}");
            await Task.Delay(50, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
