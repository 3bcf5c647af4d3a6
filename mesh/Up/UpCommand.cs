using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh.Up;

/// <summary>`mesh up`: from nothing to a running mesh, which it then watches over until a signal ends it.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var components = new Option<string?>("--components") { Description = "Folder with the Dapr component files (default: components-path of tye.yaml)" };
        var noBuild = new Option<bool>("--no-build") { Description = "Start what was built before" };
        var only = new Option<string?>("--only") { Description = "Start these services only, for example identity,tenant", HelpName = "a,b" };
        var runtime = new Option<string>("--runtime") { Description = "The sidecars: embedded (one host for all), or daprd (Dapr's own programs, found on PATH)", DefaultValueFactory = _ => "embedded" };
        runtime.AcceptOnlyFromAmong("embedded", "daprd");
        var metrics = new Option<int?>("--metrics-port") { Description = "Where Prometheus finds the metrics of all sidecars (default: nothing is counted)", HelpName = "port" };
        var command = new Command("up", "Build and start the mesh; Ctrl-C stops it") { MeshOptions.Port, MeshOptions.Data, components, noBuild, only, runtime, metrics };
        command.SetAction(async (arguments, _) =>
        {
            using var signals = new StopSignals();
            var application = TyeApplication.Find();
            var services = Chosen(application, arguments.GetValue(only));
            var port = arguments.GetValue(MeshOptions.Port) ?? application.Gateway?.Port ?? MeshOptions.DefaultPort;
            var data = MeshOptions.DataFolder(arguments, application);
            var folder = arguments.GetValue(components) is { } given ? Path.GetFullPath(given)
                : application.Dapr.ComponentsPath ?? throw new MeshException($"{application.File} names no components-path: give one with --components");
            if (!Directory.Exists(folder))
                throw new MeshException($"the components folder {folder} does not exist");
            var dapr = arguments.GetValue(runtime) == "daprd" ? DaprPrograms.Find(Environment.GetEnvironmentVariable("PATH")) : null;
            var metricsPort = arguments.GetValue(metrics);
            if (metricsPort is not null && dapr is not null)
                throw new MeshException("--metrics-port is for the embedded runtime: each daprd has a metrics port of its own");
            if (metricsPort is { } wanted && (wanted is < 1 or > 65535 || !FreePorts.IsFree(wanted)))
                throw new MeshException($"--metrics-port: {wanted} is in use by another program, or no port");
            return await RunAsync(application, services, data, folder, port, !arguments.GetValue(noBuild), dapr, metricsPort, signals);
        });
        return command;
    }

    private static List<TyeService> Chosen(TyeApplication application, string? only)
    {
        if (only is null)
            return [.. application.Services];
        var names = only.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var known = application.Services.Select(service => service.Name).ToList();
        return names.Length == 0 ? throw new MeshException("--only names no service")
            : names.FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? throw new MeshException($"--only: there is no service '{unknown}' in {application.File}; known are {string.Join(", ", known)}")
            : [.. application.Services.Where(service => names.Contains(service.Name))];
    }

    private static async Task<int> RunAsync(
        TyeApplication application, List<TyeService> services, DataFolder data, string components, int port, bool build, DaprPrograms? dapr, int? metricsPort, StopSignals signals)
    {
        var watch = Stopwatch.StartNew();
        data.Create();
        using var held = DataFolderLock.Take(data);
        try
        {
            await DataFolderLock.WaitForLeftoversAsync(data, Screen.Say, signals.Stop);
            foreach (var service in services)
                CheckPort(service, port);
            var projects = services.Select(service => service.Project).Prepend(application.SidecarProject).ToList();
            if (build)
                await BuildAsync(application, projects, data, signals.Stop);
            BuildOutput.Check(projects);
            watch.Restart();
            MeshSecrets.Ensure(data, application.Services.Select(service => service.Name));
            var plan = MeshPlan.Make(application, services, data, components, port, dapr, metricsPort);
            await using var mesh = new RunningMesh(plan, data, signals);
            await mesh.StartAsync();
            mesh.ShowTable(watch.Elapsed);
            await mesh.SuperviseAsync();
            return 0;
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static void CheckPort(TyeService service, int gatewayPort)
    {
        var port = service.Tier == Tier.Gateway ? gatewayPort : service.Port;
        if (port is { } wanted && !FreePorts.IsFree(wanted))
        {
            throw new MeshException(service.Tier == Tier.Gateway
                ? $"port {wanted} is in use by another program: stop that, or choose another port with --port"
                : $"port {wanted} of {service.Name} is in use by another program: stop that, or change the port in tye.yaml");
        }
    }

    private static async Task BuildAsync(TyeApplication application, List<string> projects, DataFolder data, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var count = 0;
        await Screen.ProgressAsync("building", async progress =>
        {
            await BuildOutput.BuildAsync(application, projects, data, name => progress($"building: {name} ({++count})"), cancellation);
        });
        Screen.Done($"built {count} projects", watch.Elapsed);
    }
}
