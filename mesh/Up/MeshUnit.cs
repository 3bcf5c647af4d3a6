using System.Diagnostics;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh.Up;

/// <summary>One process of the mesh: a service, or the sidecar host. It keeps its ports and its environment over restarts.</summary>
internal sealed class MeshUnit(UnitPlan plan, LogFile log, HttpClient http) : IDisposable
{
    /// <summary>Services answer their health check with this in the header Tarasol-Instance.</summary>
    public const string InstanceVariable = "TARASOL_INSTANCE";

    private const string InstanceHeader = "Tarasol-Instance";
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);
    private ChildProcess? child;

    public UnitPlan Plan => plan;

    public string Name => plan.Name;

    public string LogPath => log.Path;

    public TimeSpan? StartTime { get; private set; }

    public ProcessRecord? Record => child is null ? null
        : new ProcessRecord(plan.Name, plan.TierName, child.Identity, plan.AppPort, plan.DaprHttpPort, plan.DaprGrpcPort);

    public Task<int> Exited => child?.Exited ?? throw new InvalidOperationException($"{Name} was not started.");

    public void Start()
    {
        child?.Dispose();
        log.ForgetLastLines();
        log.Write($"--- {Name} starts at {DateTimeOffset.UtcNow:O} ---");
        child = ChildProcess.Start(plan, log);
    }

    /// <summary>Waits until the process answers its health check with success. Throws <see cref="MeshException"/> when it ends or takes too long.</summary>
    public async Task WaitReadyAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var answer = "no answer";
        while (true)
        {
            if (Exited.IsCompleted)
                throw new MeshException($"{Name} stopped while starting ({ChildProcess.DescribeExit(await Exited)}): {FailureText.Find(log.LastLines)}\n  its log: {LogPath}");
            try
            {
                using var response = await http.GetAsync(plan.HealthUrl, cancellation);
                if (!IsOurs(response))
                {
                    answer = $"{plan.HealthUrl} is answered by a process of another mesh";
                }
                else if (response.IsSuccessStatusCode)
                {
                    StartTime = watch.Elapsed;
                    return;
                }
                else
                {
                    answer = $"{plan.HealthUrl} answers {(int)response.StatusCode} {Short(await response.Content.ReadAsStringAsync(cancellation))}".TrimEnd();
                }
            }
            catch (HttpRequestException exception)
            {
                answer = $"{plan.HealthUrl}: {exception.Message}";
            }
            catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
            {
                answer = $"{plan.HealthUrl} does not answer";
            }

            if (watch.Elapsed > limit)
                throw new MeshException($"{Name} was not ready within {limit.TotalSeconds:0} s ({answer})\n  its log: {LogPath}");
            await Task.WhenAny(Exited, Task.Delay(ProbeInterval, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Asks the process to stop, and ends it when it has not done so in time. False: it had to be ended.</summary>
    public async Task<bool> StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        if (child is null || child.Exited.IsCompleted)
            return true;
        child.AskToStop();
        try
        {
            await child.Exited.WaitAsync(grace, hurry);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            child.Kill();
            await child.Exited;
            return false;
        }
    }

    public void Dispose()
    {
        child?.Dispose();
        log.Dispose();
    }

    // A program that does not know of instances is believed.
    private bool IsOurs(HttpResponseMessage response) =>
        !response.Headers.TryGetValues(InstanceHeader, out var named) || !plan.Environment.TryGetValue(InstanceVariable, out var instance) || named.Contains(instance);

    private static string Short(string text) => text.Length > 300 ? text[..300] + "..." : text;
}

/// <summary>How a process of the mesh is started and asked for its health.</summary>
/// <param name="Tier">Null: sidecars, which come before all tiers.</param>
/// <param name="Program">An executable file.</param>
internal sealed record UnitPlan(
    string Name, Tier? Tier, string Program, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment, Uri HealthUrl,
    int? AppPort = null, int? DaprHttpPort = null, int? DaprGrpcPort = null)
{
    /// <summary>What it is where it is in no tier.</summary>
    public string Group { get; init; } = "sidecar";

    /// <summary>It does not stop by itself when mesh is gone: something must watch over it.</summary>
    public bool OutlivesMesh { get; init; }

    public string TierName => Tier?.ToString().ToLowerInvariant() ?? Group;

    /// <summary>A program of this repository, run by the dotnet command that runs mesh.</summary>
    public static UnitPlan DotNet(
        string name, Tier? tier, string assembly, IReadOnlyList<string> arguments, string workingDirectory, IReadOnlyDictionary<string, string> environment, Uri healthUrl,
        int? appPort = null, int? daprHttpPort = null, int? daprGrpcPort = null) =>
        new(name, tier, ChildProcess.DotNetHost, [assembly, .. arguments], workingDirectory, environment, healthUrl, appPort, daprHttpPort, daprGrpcPort);
}
