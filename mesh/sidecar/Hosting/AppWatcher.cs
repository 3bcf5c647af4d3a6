using System.Net.Sockets;
using Tarasol.Sidecar.Invocation;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Follows one app through its life: waits until it accepts connections, starts its parts, stops them when it goes away, and begins again.</summary>
internal sealed class AppWatcher(AppRuntime app, IReadOnlyList<IAppPart> parts, SidecarOptions options, ILogger<AppWatcher> log)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitForApp = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WatchApp = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    /// <summary>Runs until <paramref name="stop"/>, then stops the parts.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var started = new Stack<IAppPart>();
        try
        {
            var backOff = WaitForApp;
            while (true)
            {
                await UntilUpAsync(stop);
                if (await StartAsync(started, stop))
                {
                    backOff = WaitForApp;
                    app.Started = true;
                    log.LogInformation("{App} is up{Port}", app.AppId, app.Options.AppPort is { } port ? $" on port {port}" : "");
                    await WhileUpAsync(stop);
                    log.LogWarning("{App} is gone; waiting for it to come back", app.AppId);
                }
                else
                {
                    await Task.Delay(backOff, stop);
                    backOff = backOff * 2 > LongestBackOff ? LongestBackOff : backOff * 2;
                }
                app.Started = false;
                await StopPartsAsync(started);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            app.Started = false;
            await StopPartsAsync(started);
        }
    }

    private async Task<bool> StartAsync(Stack<IAppPart> started, CancellationToken stop)
    {
        foreach (var part in parts)
        {
            // Pushed first: a part that fails half-way is stopped like one that runs.
            started.Push(part);
            try
            {
                await part.StartAsync(app, stop);
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                log.LogWarning("{App}: {Part} did not start and will be tried again: {Problem}", app.AppId, part.GetType().Name, failure.Message);
                log.LogDebug(failure, "{App}: {Part} did not start", app.AppId, part.GetType().Name);
                return false;
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // It failed while the host stops: that is no failure of the stop.
                throw new OperationCanceledException($"{part.GetType().Name} was broken off", failure, stop);
            }
        }
        return true;
    }

    private async Task StopPartsAsync(Stack<IAppPart> started)
    {
        using var limit = new CancellationTokenSource(options.GracefulShutdown);
        while (started.TryPop(out var part))
        {
            try
            {
                await part.StopAsync(app, limit.Token).WaitAsync(options.GracefulShutdown + TimeSpan.FromSeconds(1), CancellationToken.None);
            }
            catch (Exception failure)
            {
                log.LogWarning(failure, "{App}: {Part} did not stop cleanly", app.AppId, part.GetType().Name);
            }
        }
    }

    private async Task UntilUpAsync(CancellationToken stop)
    {
        while (!await IsUpAsync(stop))
            await Task.Delay(app.Options.Health is null ? WaitForApp : TimeSpan.FromTicks(Math.Min(app.Options.Health.Interval.Ticks, WatchApp.Ticks)), stop);
    }

    private async Task WhileUpAsync(CancellationToken stop)
    {
        var failures = 0;
        var threshold = app.Options.Health?.Threshold ?? 1;
        while (failures < threshold)
        {
            await app.Refused.WaitAsync(app.Options.Health?.Interval ?? WatchApp, stop);
            failures = await IsUpAsync(stop) ? 0 : failures + 1;
        }
    }

    private async Task<bool> IsUpAsync(CancellationToken stop)
    {
        if (app.Options.AppPort is not { } port)
            return true;
        try
        {
            if (app.Options.Health is { } health)
                return await IsHealthyAsync(health, stop);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(ConnectTimeout);
            using var socket = new TcpClient();
            await socket.ConnectAsync(app.Options.AppChannelAddress, port, limit.Token);
            return true;
        }
        catch (Exception failure) when (!stop.IsCancellationRequested && failure is SocketException or OperationCanceledException or HttpRequestException or Grpc.Core.RpcException)
        {
            return false;
        }
    }

    private async Task<bool> IsHealthyAsync(AppHealthOptions health, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(health.Timeout);
        if (app.Grpc is { } grpc)
        {
            await grpc.CallAsync(AppCallbacks.HealthCheck, new Google.Protobuf.WellKnownTypes.Empty(), null, limit.Token);
            return true;
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(health.Path, UriKind.Relative));
        using var response = await app.Channel!.SendAsync(request, limit.Token);
        return response.IsSuccessStatusCode;
    }
}
