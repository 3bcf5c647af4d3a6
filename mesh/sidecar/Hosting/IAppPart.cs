namespace Tarasol.Sidecar.Hosting;

/// <summary>
/// A building block's part in the life of one app: subscriptions, actor types, input bindings. Started in registration order each time
/// the app begins to accept connections (an app without a port: once the APIs are up, and its Channel is null), stopped in reverse order
/// when it goes away or the host stops.
/// </summary>
internal interface IAppPart
{
    /// <summary>The app accepts connections. Throwing leaves the app not healthy, is logged, and is tried again with back-off.</summary>
    Task StartAsync(AppRuntime app, CancellationToken cancel);

    /// <summary>The app is gone or the host stops: send it nothing more. What was in flight is put back, not counted as a failure of the app.</summary>
    Task StopAsync(AppRuntime app, CancellationToken cancel);
}
