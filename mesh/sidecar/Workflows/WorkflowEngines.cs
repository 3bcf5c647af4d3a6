using System.Collections.Concurrent;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Metadata;

namespace Tarasol.Sidecar.Workflows;

/// <summary>The engines of this host's apps. One comes to be when an app's workflows are asked for the first time.</summary>
internal sealed class WorkflowEngines(IServiceProvider services, IHostApplicationLifetime lifetime, ILoggerFactory loggers) : IHostedService, IMetadataSource, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<WorkflowEngine>> _engines = new(StringComparer.Ordinal);

    /// <summary>The engine of an app. Throws <see cref="InvalidOperationException"/> in daprd's words when it has no actor state store.</summary>
    public WorkflowEngine Of(AppRuntime app)
    {
        if (app.ActorStateStore is null)
        {
            throw new InvalidOperationException(WorkflowErrors.NoActorStateStore);
        }

        return _engines.GetOrAdd(app.AppId, _ => new Lazy<WorkflowEngine>(() =>
            new WorkflowEngine(app, this, app.Configuration.Workflow, new PayloadLimit(services.GetRequiredService<SidecarOptions>().MaxBodySize),
                services.GetRequiredService<TimeProvider>(), loggers.CreateLogger<WorkflowEngine>()))).Value;
    }

    /// <summary>The engine of another app of this host; null when the app is not here or has no actor state store.</summary>
    public WorkflowEngine? Find(string appId) =>
        services.GetRequiredService<AppDirectory>().Find(appId) is { ActorStateStore: not null } app ? Of(app) : null;

    /// <summary>Another host has taken over the engine's app; the next one who asks for it gets a new engine, which knows nothing that may be old.</summary>
    public void Discard(WorkflowEngine engine)
    {
        if (_engines.TryGetValue(engine.App.AppId, out var known) && known.IsValueCreated && known.Value == engine)
        {
            _engines.TryRemove(KeyValuePair.Create(engine.App.AppId, known));
        }

        engine.Abandon();
    }

    /// <summary>The workflows of an app wherever they are; null when they can be nowhere: not in this host, and it knows no others.</summary>
    public IWorkflowPeer? Peer(string appId) =>
        Find(appId) is { } engine ? engine
        : services.GetRequiredService<AppDirectory>().Find(appId) is null && services.GetRequiredService<Configuration>().NameResolution is not null
            ? new RemoteWorkflows(appId, services.GetRequiredService<IPeers>())
        : null;

    /// <summary>Runs a wait that may be long, and ends it when the host stops, with a status that makes clients wait again at the next one.</summary>
    public async Task<T> UntilStopAsync<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        try
        {
            return await wait(ended.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "shutting down"));
        }
    }

    public void Describe(AppRuntime app, GetMetadataResponse metadata)
    {
        if (_engines.TryGetValue(app.AppId, out var engine))
        {
            metadata.Workflows = new MetadataWorkflows { ConnectedWorkers = engine.Value.WorkItems.Workers };
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the engines while the stores are still there.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var (app, engine) in _engines)
        {
            try
            {
                await engine.Value.StopAsync(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // A store that is away must not keep the host from stopping: what counts is in it already, and the claim on the app's workflows lapses by itself.
                loggers.CreateLogger<WorkflowEngines>().LogWarning("The workflows of {App} were stopped without their store: {Reason}", app, failure.Message);
            }
        }
    }

    public void Dispose()
    {
        foreach (var engine in _engines.Values)
        {
            engine.Value.Dispose();
        }
    }
}
