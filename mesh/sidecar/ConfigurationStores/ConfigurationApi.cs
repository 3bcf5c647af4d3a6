using System.Collections.Concurrent;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.ConfigurationStores;

/// <summary>What both configuration APIs share: finding the store, resiliency, the running subscriptions, and the errors.</summary>
internal sealed class ConfigurationApi(IResiliency resiliency, ILogger<ConfigurationApi> log) : IHostedService
{
    private readonly ConcurrentDictionary<(string AppId, string Id), ConfigurationWatch> watches = new();

    public static IConfigurationStore Store(AppRuntime app, string name)
    {
        if (app.Components.Find<IConfigurationStore>(name) is { } found)
            return found.Instance;
        throw app.Components.Any<IConfigurationStore>()
            ? new DaprException("ERR_CONFIGURATION_STORE_NOT_FOUND", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"configuration store {name} not found")
            : new DaprException("ERR_CONFIGURATION_STORE_NOT_CONFIGURED", StatusCodes.Status500InternalServerError, StatusCode.FailedPrecondition, "configuration stores not configured");
    }

    public async Task<IReadOnlyDictionary<string, ConfigurationItem>> GetAsync(AppRuntime app, string store, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var instance = Store(app, store);
        try
        {
            return await Outbound(app, store).ExecuteAsync(attempt => instance.GetAsync(keys, attempt), cancel);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            throw new DaprException("ERR_CONFIGURATION_GET", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"failed to get {Listed(keys)} from Configuration store {store}: {failure.Message}");
        }
    }

    /// <summary>A subscription that <see cref="ConfigurationWatch.Start"/> sets going, and <see cref="UnsubscribeAsync"/> ends.</summary>
    public async Task<ConfigurationWatch> SubscribeAsync(AppRuntime app, string store, IReadOnlyList<string> keys, ConfigurationDelivery deliver, CancellationToken cancel)
    {
        var watch = new ConfigurationWatch(store, Store(app, store), keys, deliver, log);
        try
        {
            await Outbound(app, store).ExecuteAsync(watch.OpenAsync, cancel);
        }
        catch (Exception failure)
        {
            await watch.DisposeAsync();
            if (cancel.IsCancellationRequested)
                throw;
            throw new DaprException("ERR_CONFIGURATION_SUBSCRIBE", StatusCodes.Status500InternalServerError, StatusCode.InvalidArgument, $"failed to subscribe {Listed(keys)} from Configuration store {store}: {failure.Message}");
        }
        watches[(app.AppId, watch.Id)] = watch;
        return watch;
    }

    /// <summary>False when the app has no such subscription to the store.</summary>
    public async Task<bool> UnsubscribeAsync(AppRuntime app, string store, string id)
    {
        if (!watches.TryGetValue((app.AppId, id), out var watch) || watch.Store != store || !watches.TryRemove((app.AppId, id), out _))
            return false;
        await watch.DisposeAsync();
        return true;
    }

    public ResiliencyPolicy Inbound(AppRuntime app, string store) => resiliency.ComponentInbound(app.AppId, store, ResiliencyComponentType.Configuration);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>While the stores are still open.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var watch in watches.Values)
            await watch.DisposeAsync();
    }

    private ResiliencyPolicy Outbound(AppRuntime app, string store) => resiliency.ComponentOutbound(app.AppId, store, ResiliencyComponentType.Configuration);

    /// <summary>As Go prints a list.</summary>
    private static string Listed(IReadOnlyList<string> keys) => $"[{string.Join(' ', keys)}]";
}
