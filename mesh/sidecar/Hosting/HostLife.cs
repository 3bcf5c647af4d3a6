using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Invocation;

namespace Tarasol.Sidecar.Hosting;

/// <summary>
/// The order in which a host comes up and goes down: components, API ports (Kestrel starts between the two halves), name resolution,
/// apps; and back.
/// </summary>
internal sealed class HostLife(
    SidecarOptions options, BoundPorts ports, AppDirectory apps, ComponentRegistry components, Configuration configuration, NameResolution names, HostAddress self,
    IEnumerable<IAppPart> parts, ILoggerFactory loggers) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ILogger log = loggers.CreateLogger<HostLife>();
    private Task watching = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var section in apps.Apps.SelectMany(app => app.Configuration.Ignored).Concat(configuration.Ignored).Distinct())
            log.LogInformation("the configuration's {Section} section has no meaning for this host", section);
        names.Open();
        await components.LoadAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        ports.Publish();
        self.Address = $"127.0.0.1:{ports.Internal}";
        names.Register();
        var all = parts.ToList();
        foreach (var app in apps.Apps)
        {
            log.LogInformation("{App}: HTTP API on port {HttpPort}, gRPC API on port {GrpcPort}", app.AppId, app.HttpPort, app.GrpcPort);
            app.ApiReady = true;
        }
        watching = Task.WhenAll(apps.Apps.Select(app => Task.Run(() => new AppWatcher(app, all, options, loggers.CreateLogger<AppWatcher>()).RunAsync(stop.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await names.UnregisterAsync();
        await stop.CancelAsync();
        await watching;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        foreach (var app in apps.Apps)
            app.ApiReady = false;
        await components.DisposeAsync();
    }

    public void Dispose() => stop.Dispose();
}
