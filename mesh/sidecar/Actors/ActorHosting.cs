using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Metadata;
using Tarasol.Sidecar.Placement;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.Actors;

/// <summary>The actor hosts of this process: each app is asked for its types when it comes up, and hosts them until it goes.</summary>
internal sealed class ActorHosting : IAppPart, IMetadataSource, IDisposable
{
    private readonly ActorReminders _reminders;
    private readonly AppPlacement _placement;
    private readonly IResiliency _resiliency;
    private readonly TimeProvider _time;
    private readonly ILogger<ActorHosting> _log;
    private readonly ConcurrentDictionary<string, ActorHost> _hosts = new();
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ActorHosting(ActorReminders reminders, AppPlacement placement, IResiliency resiliency, TimeProvider time, ILogger<ActorHosting> log)
    {
        (_reminders, _placement, _resiliency, _time, _log) = (reminders, placement, resiliency, time, log);
        placement.Lost += app => _hosts.TryGetValue(app.AppId, out var host) ? host.LetGoAsync() : Task.CompletedTask;
    }

    /// <summary>Completes at the next change of what is hosted in this process.</summary>
    public Task Changed => _changed.Task;

    public ActorHost Of(AppRuntime app) => _hosts.GetOrAdd(app.AppId, _ => new ActorHost(app, () => _placement.IsHere(app), _resiliency, _time, _log));

    /// <summary>The app that declared the type; of several the first by name, so that everybody finds the same one.</summary>
    public ActorHost? Find(string actorType) =>
        _hosts.Values.Where(host => host.Types.ContainsKey(actorType)).MinBy(host => host.App.AppId, StringComparer.Ordinal);

    public async Task StartAsync(AppRuntime app, CancellationToken cancel)
    {
        if (app.Channel is null || app.Options.AppProtocol.StartsWith("grpc", StringComparison.Ordinal))
            return;
        var types = await ReadTypesAsync(app, cancel);
        if (types.Count > 0 && app.ActorStateStore is null)
        {
            _log.LogError("App {App} declares the actor types {Types}, but no state component that it may see has the metadata actorStateStore \"true\": its actors are not hosted", app.AppId, string.Join(", ", types.Keys));
            types = new Dictionary<string, ActorTypeOptions>();
        }
        foreach (var type in types.Keys)
        {
            if (Find(type) is { } other && other.App != app)
                _log.LogWarning("Actor type {Type} is declared by the apps {First} and {Second}; calls go to the first by name", type, other.App.AppId, app.AppId);
        }
        var host = Of(app);
        host.Start(types);
        try
        {
            if (types.Count > 0)
                await _reminders.StartAsync(host);
        }
        catch
        {
            await StopAsync(app, cancel);
            throw;
        }
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        if (types.Count > 0)
            _log.LogInformation("App {App} hosts the actor types {Types}", app.AppId, string.Join(", ", types.Keys));
    }

    public async Task StopAsync(AppRuntime app, CancellationToken cancel)
    {
        if (!_hosts.TryGetValue(app.AppId, out var host))
            return;
        await host.StopAsync(cancel);
        // Only now: until its actors are let go no other host may have them.
        _reminders.Stop(host);
    }

    /// <summary>Active actors of every hosted type. Placement is part of this host, so it is always connected.</summary>
    public void Describe(AppRuntime app, GetMetadataResponse metadata)
    {
        var host = Of(app);
        metadata.ActorRuntime = new ActorRuntime
        {
            RuntimeStatus = host.Ready || app.Channel is null ? ActorRuntime.Types.ActorRuntimeStatus.Running : ActorRuntime.Types.ActorRuntimeStatus.Initializing,
            HostReady = host.Ready && host.Types.Count > 0,
            Placement = "placement: connected",
            ActiveActors = { host.ActiveCounts().Select(type => new ActiveActorsCount { Type = type.Key, Count = type.Value }) },
        };
    }

    public void Dispose()
    {
        foreach (var host in _hosts.Values)
            host.Dispose();
    }

    private async Task<IReadOnlyDictionary<string, ActorTypeOptions>> ReadTypesAsync(AppRuntime app, CancellationToken cancel)
    {
        if (!app.Options.AskForActors)
            return new Dictionary<string, ActorTypeOptions>();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/dapr/config", UriKind.Relative));
        using var response = await app.Channel!.SendAsync(request, cancel);
        var body = await response.Content.ReadAsByteArrayAsync(cancel);
        if (response.StatusCode != HttpStatusCode.OK || body.Length == 0)
            return new Dictionary<string, ActorTypeOptions>();
        try
        {
            return ActorConfig.Parse(body, (name, value) => _log.LogWarning("App {App}, GET /dapr/config: {Name} {Value} cannot be used; the default is taken", app.AppId, name, value));
        }
        catch (JsonException e)
        {
            _log.LogWarning("App {App}, GET /dapr/config: no JSON ({Problem}); it hosts no actors", app.AppId, e.Message);
            return new Dictionary<string, ActorTypeOptions>();
        }
    }
}
