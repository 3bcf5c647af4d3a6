using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tarasol.Tests.Servers;

/// <summary>
/// A real broker or store as a process of the test: on a free loopback port, with its data in a temporary folder. It can be killed as by a power cut
/// and started again on the same port and data.
/// </summary>
public sealed class TestServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly ServerPlan plan;
    private readonly ConcurrentQueue<string> output = new();
    private Process? process;

    private TestServer(ServerPlan plan, string folder, int port)
    {
        (this.plan, Folder, Port) = (plan, folder, port);
    }

    /// <summary>The data folder; deleted at the end.</summary>
    public string Folder { get; }

    /// <summary>The port on 127.0.0.1, the same over restarts.</summary>
    public int Port { get; }

    /// <summary>Host and port as most connection strings want it.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>
    /// Starts the server and waits until it answers. Where its program is not installed, the test is skipped with the reason, or fails with CI=true.
    /// </summary>
    public static async Task<TestServer> StartAsync(ServerPlan plan)
    {
        RequireInstalled(plan);
        for (var attempt = 1; ; attempt++)
        {
            var server = new TestServer(plan, Directory.CreateTempSubdirectory($"tarasol-{plan.Name}-").FullName, FreePort.Next());
            try
            {
                if (plan.Prepare is not null)
                    await plan.Prepare(server);
                await server.StartAgainAsync();
                return server;
            }
            catch (ServerEndedException) when (attempt < 3)
            {
                // Someone else took the port in between.
                await server.DisposeAsync();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>kill -9, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        if (process is null)
            return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Starts a killed server on its port and data and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        process = Process.Start(plan.Command(this).Redirected(Folder))!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var watch = Stopwatch.StartNew(); ;)
        {
            if (process.HasExited)
                throw new ServerEndedException($"{plan.Name} ended with exit code {process.ExitCode} while starting:\n{Output()}");
            if (await AnswersAsync())
                return;
            if (watch.Elapsed > Limit)
                throw new TimeoutException($"{plan.Name} does not answer at {Address} within {Limit.TotalSeconds} s. It said:\n{Output()}");
            await Task.Delay(Pause);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (plan.CleanUp is not null)
            await plan.CleanUp(this);
        for (var watch = Stopwatch.StartNew(); Directory.Exists(Folder);)
        {
            try
            {
                Directory.Delete(Folder, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && watch.Elapsed < TimeSpan.FromSeconds(10))
            {
                // A child of the server still writes its last file.
                await Task.Delay(Pause);
            }
        }
    }

    /// <summary>Runs a program of the server's package to its end. Throws with its output when it fails.</summary>
    public async Task RunAsync(ProcessStartInfo command)
    {
        using var tool = Process.Start(command.Redirected(Folder))!;
        var texts = await Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        if (tool.ExitCode != 0)
            throw new InvalidOperationException($"{command.FileName} ended with exit code {tool.ExitCode}: {string.Concat(texts)}");
    }

    private static void RequireInstalled(ServerPlan plan)
    {
        if (plan.Program is not null)
            return;
        var reason = $"{plan.Name} is not installed (Debian: apt-get install {plan.Package})";
        Assert.False(string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase), reason);
        Assert.Skip(reason);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
            return await plan.Answers(client.GetStream(), limit.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        output.Enqueue(line);
        while (output.Count > 40)
            output.TryDequeue(out _);
    }

    private string Output() => string.Join('\n', output);
}

/// <summary>How a server is started and recognised.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Package">Debian's package.</param>
/// <param name="Program">The program's path, or null where it is not installed.</param>
/// <param name="Command">Runs it in the foreground.</param>
/// <param name="Answers">Speaks the first words of its protocol over a new connection; true when the server is ready for clients.</param>
public sealed record ServerPlan(
    string Name, string Package, string? Program, Func<TestServer, ProcessStartInfo> Command, Func<Stream, CancellationToken, Task<bool>> Answers)
{
    /// <summary>What has to be made in the data folder before the first start.</summary>
    public Func<TestServer, Task>? Prepare { get; init; }

    /// <summary>What the server leaves running when it is killed.</summary>
    public Func<TestServer, Task>? CleanUp { get; init; }
}

/// <summary>The server ended before it answered.</summary>
public sealed class ServerEndedException(string message) : Exception(message);
