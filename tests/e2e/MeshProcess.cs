using System.Collections.Concurrent;
using System.Diagnostics;
using Tarasol.Mesh;
using Tarasol.Mesh.Up;

namespace Tarasol.Tests.E2e;

/// <summary>A whole mesh as processes: `mesh up --no-build` from the built output, on a free port, with a data folder of its own that is deleted afterwards.</summary>
public sealed class MeshProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // One for all: the port of a mesh that is still starting is not bound yet.
    private static readonly FreePorts Ports = new([]);
    private readonly ConcurrentQueue<string> output = new();
    private readonly string[] arguments;
    private Process? process;

    private readonly IReadOnlyDictionary<string, string> environment;

    private MeshProcess(int port, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        (this.environment, this.arguments) = (environment, arguments);
        DataPath = Directory.CreateTempSubdirectory("tarasol-e2e-").FullName;
        Port = port;
        Gateway = NewClient();
    }

    /// <summary>The data folder.</summary>
    public string DataPath { get; }

    /// <summary>The gateway's port, the same over restarts.</summary>
    public int Port { get; }

    /// <summary>Calls the gateway, without a token.</summary>
    public HttpClient Gateway { get; }

    /// <summary>What `mesh up` has said so far.</summary>
    public string Output => string.Join('\n', output);

    internal static string Root { get; } = FindRoot();

    private static string Executable => Path.Combine(Root, "mesh", "bin", Path.Combine(AppContext.BaseDirectory.TrimEnd('/', '\\').Split('/', '\\')[^2..]), "Tarasol.Mesh.dll");

    /// <summary>Starts a mesh and waits until everything is healthy.</summary>
    /// <param name="arguments">More options of `up`, for example <c>--only</c>.</param>
    public static Task<MeshProcess> StartAsync(params string[] arguments) => StartAsync(NextPort(), arguments);

    /// <summary>The same at a given port of the gateway.</summary>
    public static Task<MeshProcess> StartAsync(int port, params string[] arguments) => StartAsync(port, new Dictionary<string, string>(), arguments);

    /// <summary>The same with more environment variables.</summary>
    public static Task<MeshProcess> StartAsync(int port, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartAsync(new MeshProcess(port, environment, arguments), _ => { });

    /// <summary>The same after something was done with the new data folder.</summary>
    public static Task<MeshProcess> StartAsync(Action<string> prepare, params string[] arguments) =>
        StartAsync(new MeshProcess(NextPort(), new Dictionary<string, string>(), arguments), prepare);

    private static async Task<MeshProcess> StartAsync(MeshProcess mesh, Action<string> prepare)
    {
        try
        {
            prepare(mesh.DataPath);
            mesh.Launch();
            await mesh.WaitHealthyAsync();
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>A free port that no other mesh of these tests gets.</summary>
    public static int NextPort()
    {
        lock (Ports)
            return Ports.Next();
    }

    /// <summary>Runs `mesh` with these arguments to its end: exit code and everything that it wrote.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    /// <summary>The same with more environment variables.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments, environment))!;
        using var limit = new CancellationTokenSource(Limit);
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, string.Concat(texts));
    }

    /// <summary>Kill -9 of one service (or "sidecar"). Mesh starts it again by itself; <see cref="WaitHealthyAsync"/> waits for that.</summary>
    public async Task KillAsync(string service)
    {
        var victim = Record().Processes.Single(each => each.Name == service).Process;
        victim.Kill();
        await UntilAsync(() => Task.FromResult(!victim.IsAlive), $"{service} to be dead");
    }

    /// <summary>Kill -9 of mesh itself. Its services stop by themselves; <see cref="RestartAsync"/> starts it again.</summary>
    public async Task KillMeshAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Kill -9 of every process of the mesh, as when the power fails.</summary>
    public async Task KillEverythingAsync()
    {
        var record = Record();
        await KillMeshAsync();
        foreach (var each in record.Processes)
            each.Process.Kill();
        await WaitGoneAsync();
    }

    /// <summary>Waits until no process of the last mesh lives: none of those in mesh.json, if it is there, and none at all that works in the data folder.</summary>
    public Task WaitGoneAsync()
    {
        var record = MeshRecord.Load(new DataFolder(DataPath));
        return UntilAsync(
            () => Task.FromResult(record?.Processes.Any(each => each.Process.IsAlive) is not true && !HasProcesses(DataPath)),
            "all processes to be gone");
    }

    /// <summary>True when a process works in this folder, as all that mesh starts do. Always false where there is no /proc.</summary>
    public static bool HasProcesses(string folder) =>
        OperatingSystem.IsLinux() && Directory.GetDirectories("/proc").Any(process => WorksIn(process, folder));

    /// <summary>Stops what runs, if it does, starts again on the same port and data, and waits until everything is healthy.</summary>
    public async Task RestartAsync()
    {
        if (process is { HasExited: false })
            await StopAsync();
        Launch();
        await WaitHealthyAsync();
    }

    /// <summary>SIGTERM, and waits for the end. The exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process!.Id}"]);
        await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>Waits until every process that mesh started lives and answers its health check, the gateway last.</summary>
    public Task WaitHealthyAsync() => UntilAsync(async () =>
    {
        if (process!.HasExited)
            throw new InvalidOperationException($"mesh up ended with exit code {process.ExitCode}:\n{Output}");
        var record = MeshRecord.Load(new DataFolder(DataPath));
        if (record is null || record.Mesh.Pid != process.Id || !Output.Contains("everything is up", StringComparison.Ordinal) || !record.Processes.All(each => each.Process.IsAlive))
            return false;
        foreach (var each in record.Processes.Where(each => each.AppPort is not null).OrderBy(each => each.Tier == "gateway"))
        {
            if (!await IsHealthyAsync(new Uri($"http://127.0.0.1:{each.AppPort}/healthz")))
                return false;
        }

        return true;
    }, "a healthy mesh");

    /// <summary>Polls until something holds. Throws <see cref="TimeoutException"/>, with what mesh said, when it does not within twelve minutes.</summary>
    public Task UntilAsync(Func<Task<bool>> holds, string what) => UntilAsync(holds, () => what);

    /// <summary>The same, with a text that tells how far it came.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, Func<string> what)
    {
        for (var watch = Stopwatch.StartNew(); !await holds();)
        {
            if (watch.Elapsed > Limit)
                throw new TimeoutException($"waited {Limit.TotalSeconds} s for {what()}. mesh up said:\n{Output}\n{LogTails()}");
            await Task.Delay(PollInterval);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (process is { HasExited: false })
                await StopAsync();
            await WaitGoneAsync();
        }
        finally
        {
            process?.Dispose();
            Gateway.Dispose();
            Directory.Delete(DataPath, recursive: true);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "tye.yaml")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("tye.yaml is not above the tests.");
    }

    private static bool WorksIn(string process, string folder)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget == folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or not ours.
            return false;
        }
    }

    private static ProcessStartInfo StartInfo(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(ChildProcess.DotNetHost, arguments.Prepend(Executable))
        {
            WorkingDirectory = Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A test run that is killed takes its meshes with it.
            Environment = { ["TARASOL_STOP_WITH_STDIN"] = "1" },
        };
        // All tests come from one address and ask as fast as the machine allows; the limits have tests of their own, with the gateway.
        foreach (var limit in new[] { "Tenant", "User", "Anonymous", "SignIn" })
            (start.Environment[$"RateLimit__{limit}__Burst"], start.Environment[$"RateLimit__{limit}__PerSecond"]) = ("100000", "100000");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }

    private HttpClient NewClient() => new() { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(60) };

    private void Launch()
    {
        process?.Dispose();
        output.Clear();
        process = Process.Start(StartInfo(["up", "--no-build", "--port", $"{Port}", "--data", DataPath, .. arguments], environment))!;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is { } text)
                output.Enqueue(text);
        }
    }

    private MeshRecord Record() => MeshRecord.Load(new DataFolder(DataPath)) ?? throw new InvalidOperationException($"no mesh.json in {DataPath}: mesh is not running");

    private async Task<bool> IsHealthyAsync(Uri address)
    {
        try
        {
            using var answer = await Gateway.GetAsync(address);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private string LogTails() => string.Join('\n', Directory.GetFiles(Path.Combine(DataPath, "logs")).Order().Select(log => $"--- {Path.GetFileName(log)}\n{string.Join('\n', File.ReadLines(log).TakeLast(5))}"));
}
