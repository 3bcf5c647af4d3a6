using Spectre.Console;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh.Up;

/// <summary>The processes of a mesh from their start, tier by tier, over their restarts, to their stop in reverse.</summary>
internal sealed class RunningMesh : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] Backoff = [.. new[] { 0.2, 1, 2, 5, 10, 30 }.Select(TimeSpan.FromSeconds)];

    /// <summary>Who lived this long is no longer in a crash loop.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    private readonly MeshPlan plan;
    private readonly DataFolder data;
    private readonly StopSignals signals;
    private readonly Lock recording = new();
    private readonly ProcessIdentity self;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly List<List<MeshUnit>> sidecars;
    private readonly List<MeshUnit> services;

    public RunningMesh(MeshPlan plan, DataFolder data, StopSignals signals)
    {
        (this.plan, this.data, this.signals) = (plan, data, signals);
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        self = ProcessIdentity.Of(process);
        sidecars = [.. plan.Sidecars.Select(group => group.Select(Unit).ToList())];
        services = [.. plan.Services.Select(Unit)];
    }

    private IEnumerable<MeshUnit> All => sidecars.SelectMany(group => group).Concat(services);

    /// <summary>Returns once everything is healthy. Throws <see cref="MeshException"/> for the first process that is not.</summary>
    public async Task StartAsync()
    {
        foreach (var group in sidecars)
            await StartAsync(group, signals.Stop);
        foreach (var tier in services.GroupBy(unit => unit.Plan.Tier).OrderBy(tier => tier.Key))
            await StartAsync([.. tier], signals.Stop);
    }

    /// <summary>Starts again what dies, until a signal.</summary>
    public Task SuperviseAsync() => Task.WhenAll(All.Select(SuperviseAsync));

    public void ShowTable(TimeSpan elapsed)
    {
        var table = new Table().RoundedBorder().AddColumns("service", "tier", "process", "ready in", "port", "sidecar http", "sidecar grpc");
        foreach (var unit in All)
        {
            table.AddRow(unit.Name, unit.Plan.TierName, $"{unit.Record?.Process.Pid}", $"{unit.StartTime?.TotalSeconds:0.0} s",
                $"{unit.Plan.AppPort}", $"{unit.Plan.DaprHttpPort}", $"{unit.Plan.DaprGrpcPort}");
        }

        Screen.Show(table);
        Screen.Done($"everything is up", elapsed);
        if (plan.GatewayUrl is { } url)
            Screen.Say($"gateway   {url}");
        Screen.Say($"operator  {data.Operator} (tenant, user name and password of the platform's operator)");
        Screen.Say($"logs      {Path.Combine(data.Path, "logs")}");
        Screen.Say("Ctrl-C stops the mesh.");
    }

    public async ValueTask DisposeAsync()
    {
        if (All.Any(unit => unit.Record is not null))
            Screen.Say("stopping");
        foreach (var tier in services.GroupBy(unit => unit.Plan.Tier).OrderByDescending(tier => tier.Key))
            await StopAsync(tier);
        foreach (var group in Enumerable.Reverse(sidecars))
            await StopAsync(group);
        foreach (var unit in All)
            unit.Dispose();
        http.Dispose();
        File.Delete(data.Sidecar);
        File.Delete(data.Record);
        Screen.Say("stopped");
    }

    private MeshUnit Unit(UnitPlan unit)
    {
        var log = new LogFile(data.Log(unit.Name));
        log.Failed += reason => Screen.Warn($"{unit.Name}: its log cannot be written any more: {reason}");
        return new MeshUnit(unit, log, http);
    }

    private async Task StartAsync(IReadOnlyList<MeshUnit> units, CancellationToken cancellation)
    {
        foreach (var unit in units)
            unit.Start();
        SaveRecord();
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var waits = units.Select(async unit =>
        {
            await unit.WaitReadyAsync(ReadyLimit, others.Token);
            Screen.Done($"{unit.Name} is ready", unit.StartTime!.Value);
        }).ToList();
        // What started earlier may die now: nothing that waits for it would then say why.
        var earlier = All.Except(units).Where(unit => unit.Record is not null).Select(unit => unit.Exited).ToList();
        while (waits.Count > 0)
        {
            var done = await Task.WhenAny(waits.Concat<Task>(earlier));
            if (waits.Remove(done) && done.IsCompletedSuccessfully)
                continue;
            await others.CancelAsync();
            await Task.WhenAll(waits).ContinueWith(_ => { }, TaskScheduler.Default);
            await done;
            var dead = All.Except(units).First(unit => unit.Record is not null && unit.Exited.IsCompleted);
            throw new MeshException($"{dead.Name} stopped while the mesh was starting ({ChildProcess.DescribeExit(await dead.Exited)})\n  its log: {dead.LogPath}");
        }
    }

    private async Task SuperviseAsync(MeshUnit unit)
    {
        var deaths = 0;
        while (true)
        {
            var living = System.Diagnostics.Stopwatch.StartNew();
            var code = await unit.Exited.WaitAsync(signals.Stop);
            deaths = living.Elapsed > Settled ? 0 : deaths;
            var pause = Backoff[Math.Min(deaths++, Backoff.Length - 1)];
            Screen.Warn($"{unit.Name} stopped ({ChildProcess.DescribeExit(code)}): starting it again in {pause.TotalSeconds:0.#} s");
            await Task.Delay(pause, signals.Stop);
            unit.Start();
            SaveRecord();
            try
            {
                await unit.WaitReadyAsync(ReadyLimit, signals.Stop);
                Screen.Done($"{unit.Name} is ready again", unit.StartTime!.Value);
            }
            catch (MeshException exception)
            {
                Screen.Warn(exception.Message);
            }
        }
    }

    private async Task StopAsync(IEnumerable<MeshUnit> units) => await Task.WhenAll(units.Select(async unit =>
    {
        if (!await unit.StopAsync(StopGrace, signals.Hurry))
            Screen.Warn($"{unit.Name} did not stop in time and was ended");
    }));

    private void SaveRecord()
    {
        lock (recording)
            new MeshRecord(self, plan.GatewayUrl, [.. All.Select(unit => unit.Record).OfType<ProcessRecord>()]).Save(data);
    }
}
